"""Values of classification metrics, by their plain formulae in numpy.

Writes metrics.json: scores and labels, and for each case what accuracy, confusion, precision, recall,
F1, AUROC and average precision are. Where scikit-learn is installed every value is checked against it.
"""

import json
import warnings

import numpy

import common

try:
    from sklearn import metrics as sklearn
except ImportError:
    sklearn = None


def ratio(part, whole):
    return float(part) / float(whole) if whole else 0.0


def auroc(scores, positive):
    """The share of pairs of a positive and a negative that are in order, ties half; None without pairs."""
    if not positive.any() or positive.all():
        return None
    above = scores[positive][:, None] - scores[~positive][None, :]
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def average_precision(scores, positive):
    """Sum of precision over steps of recall, a step for each different score; None without positives."""
    if not positive.any():
        return None
    total = 0.0
    for threshold in numpy.unique(scores)[::-1]:
        gained = (positive & (scores == threshold)).sum()
        total += gained * (positive & (scores >= threshold)).sum() / (scores >= threshold).sum()
    return float(total / positive.sum())


def report(scores, labels, tops):
    count, classes = scores.shape
    answers = scores.argmax(1)
    confusion = numpy.zeros((classes, classes), int)
    for label, answer in zip(labels, answers):
        confusion[label, answer] += 1
    right, support, named = numpy.diag(confusion), confusion.sum(1), confusion.sum(0)
    per_class = [{"precision": ratio(right[c], named[c]), "recall": ratio(right[c], support[c]),
                  "f1": ratio(2 * right[c], named[c] + support[c]), "support": int(support[c]),
                  "auroc": auroc(scores[:, c], labels == c),
                  "auprc": average_precision(scores[:, c], labels == c)} for c in range(classes)]
    keys = ("precision", "recall", "f1")
    mean = lambda weights: {key: ratio(sum(w * row[key] for w, row in zip(weights, per_class)),
                                       sum(weights)) for key in keys}
    ranks = [int((row > row[label]).sum() + (row[:label] == row[label]).sum())
             for row, label in zip(scores, labels)]
    share = ratio(right.sum(), count)
    return {"top": {str(k): ratio(sum(rank < k for rank in ranks), count) for k in tops},
            "confusion": confusion.tolist(), "per_class": per_class, "macro": mean([1] * classes),
            "weighted": mean(support.tolist()), "micro": {key: share for key in keys}}


def check(scores, labels, found):
    """Compares a report with scikit-learn's."""
    classes = list(range(scores.shape[1]))
    answers = scores.argmax(1)
    close = lambda a, b: numpy.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    close(sklearn.confusion_matrix(labels, answers, labels=classes), found["confusion"])
    keys = ("precision", "recall", "f1")
    for average in ("macro", "weighted", "micro"):
        values = sklearn.precision_recall_fscore_support(
            labels, answers, labels=classes, average=average, zero_division=0)
        close(values[:3], [found[average][key] for key in keys])
    values = sklearn.precision_recall_fscore_support(
        labels, answers, labels=classes, zero_division=0)
    for row, numbers in zip(zip(*values), found["per_class"]):
        close(row, [numbers[key] for key in (*keys, "support")])
    for c, numbers in enumerate(found["per_class"]):
        if numbers["auroc"] is not None:
            close(sklearn.roc_auc_score(labels == c, scores[:, c]), numbers["auroc"])
        if numbers["auprc"] is not None:
            close(sklearn.average_precision_score(labels == c, scores[:, c]), numbers["auprc"])


def main(folder=common.GOLDENS):
    random = numpy.random.default_rng(20240811)
    cases = []

    def case(name, count, classes, steps, absent=(), skew=0.5):
        """Scores on a grid of 1/steps, so that some are equal; absent classes have no sample."""
        present = [c for c in range(classes) if c not in absent]
        labels = random.choice(present, count)
        scores = random.random((count, classes))
        scores[numpy.arange(count), labels] += skew
        scores = numpy.round(scores * steps) / steps
        found = report(scores, labels, (1, 2, 5))
        if sklearn is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                check(scores, labels, found)
        cases.append({"name": name, "classes": classes, "scores": scores.ravel().tolist(),
                      "labels": labels.tolist(), **found})

    case("plain", 60, 5, 1 << 20)
    case("ties", 80, 4, 4)
    case("all_equal", 12, 3, 1, skew=0)
    case("absent_class", 40, 6, 64, absent=(0, 4))
    case("one_class", 15, 3, 8, absent=(0, 2))
    case("binary", 50, 2, 16)
    case("one_sample", 1, 7, 8)
    path = common.pathlib.Path(folder) / "metrics.json"
    path.write_text("[\n" + ",\n".join(json.dumps(line) for line in cases) + "\n]\n")
    print(f"{path.name}: {len(cases)} cases, {'checked' if sklearn else 'not checked'}")


if __name__ == "__main__":
    main()
