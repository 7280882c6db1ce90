"""The zoo's networks that torchvision does not have, written from their papers in PyTorch, keyed as Striate keys them."""

import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torchvision.models.resnet import Bottleneck

import models


def conv_relu(inputs, outputs, kernel, **options):
    return [nn.Conv2d(inputs, outputs, kernel, **options), nn.ReLU()]


def conv_norm(inputs, outputs, kernel=1, **options):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False, **options),
        nn.BatchNorm2d(outputs), nn.ReLU())


class AlexNet2012(nn.Module):
    """Krizhevsky, Sutskever and Hinton 2012; PyTorch divides LRN's alpha by its size, the paper does not."""

    def __init__(self, classes=1000, hidden=4096):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 11, 4)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=2)
        self.fc6 = nn.Linear(9216, hidden)
        self.fc7 = nn.Linear(hidden, hidden)
        self.fc8 = nn.Linear(hidden, classes)

    def forward(self, x):
        def norm(x):
            return F.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)
        x = F.max_pool2d(norm(F.relu(self.conv1(x))), 3, 2)
        x = F.max_pool2d(norm(F.relu(self.conv2(x))), 3, 2)
        x = F.relu(self.conv4(F.relu(self.conv3(x))))
        x = F.max_pool2d(F.relu(self.conv5(x)), 3, 2).flatten(1)
        return self.fc8(F.relu(self.fc7(F.relu(self.fc6(x)))))


class ZFNet(nn.Module):
    """Zeiler and Fergus 2014, with response norm for the contrast norm."""

    def __init__(self, classes=1000, hidden=4096, channels=(384, 384, 256)):
        super().__init__()
        a, b, c = channels
        self.conv1 = nn.Conv2d(3, 96, 7, 2, 1)
        self.conv2 = nn.Conv2d(96, 256, 5, 2)
        self.conv3 = nn.Conv2d(256, a, 3, padding=1)
        self.conv4 = nn.Conv2d(a, b, 3, padding=1)
        self.conv5 = nn.Conv2d(b, c, 3, padding=1)
        self.fc6 = nn.Linear(36 * c, hidden)
        self.fc7 = nn.Linear(hidden, hidden)
        self.fc8 = nn.Linear(hidden, classes)

    def forward(self, x):
        def norm(x):
            return F.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)
        x = norm(F.max_pool2d(F.relu(self.conv1(x)), 3, 2, 1))
        x = norm(F.max_pool2d(F.relu(self.conv2(x)), 3, 2, 1))
        x = F.relu(self.conv4(F.relu(self.conv3(x))))
        x = F.max_pool2d(F.relu(self.conv5(x)), 3, 2).flatten(1)
        return self.fc8(F.relu(self.fc7(F.relu(self.fc6(x)))))


def perceptron(inputs, outputs, kernel, stride=1, padding=0):
    layers = conv_relu(inputs, outputs[0], kernel, stride=stride, padding=padding)
    for before, after in zip(outputs, outputs[1:]):
        layers += conv_relu(before, after, 1)
    return nn.Sequential(*layers)


def nin_cifar(classes=10):
    return Pooled(nn.Sequential(
        perceptron(3, [192, 160, 96], 5, padding=2), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Identity(),
        perceptron(96, [192] * 3, 5, padding=2), nn.AvgPool2d(3, 2, ceil_mode=True), nn.Identity(),
        perceptron(192, [192, 192, classes], 3, padding=1)))


def nin(classes=1000):
    def pool():
        return nn.MaxPool2d(3, 2, ceil_mode=True)
    return Pooled(nn.Sequential(
        perceptron(3, [96] * 3, 11, 4), pool(), perceptron(96, [256] * 3, 5, padding=2), pool(),
        perceptron(256, [384] * 3, 3, padding=1), pool(), nn.Identity(),
        perceptron(384, [1024, 1024, classes], 3, padding=1)))


class Pooled(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.features = features

    def forward(self, x):
        return self.features(x).mean((2, 3))


class Inception(nn.Module):
    """Figure 2b of Szegedy et al. 2015, as published: biases, a real 5x5 branch."""

    def __init__(self, inputs, a, b0, b, c0, c, d):
        super().__init__()
        self.branch1 = nn.Sequential(*conv_relu(inputs, a, 1))
        self.branch2 = nn.Sequential(*conv_relu(inputs, b0, 1), *conv_relu(b0, b, 3, padding=1))
        self.branch3 = nn.Sequential(*conv_relu(inputs, c0, 1), *conv_relu(c0, c, 5, padding=2))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), *conv_relu(inputs, d, 1))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class Head(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.conv = nn.Conv2d(inputs, 128, 1)
        self.fc1 = nn.Linear(2048, 1024)
        self.fc2 = nn.Linear(1024, classes)

    def forward(self, x):
        x = F.relu(self.conv(F.avg_pool2d(x, 5, 3))).flatten(1)
        return self.fc2(F.relu(self.fc1(x)))


class GoogLeNet2014(nn.Module):
    def __init__(self, classes=1000, heads=True):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3)
        self.conv2 = nn.Conv2d(64, 64, 1)
        self.conv3 = nn.Conv2d(64, 192, 3, padding=1)
        self.inception3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.inception4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.inception5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = Inception(832, 384, 192, 384, 48, 128, 128)
        if heads:
            self.aux1 = Head(512, classes)
            self.aux2 = Head(528, classes)
        self.heads = heads
        self.fc = nn.Linear(1024, classes)

    def forward(self, x):
        def pool(x):
            return F.max_pool2d(x, 3, 2, ceil_mode=True)
        x = F.local_response_norm(pool(F.relu(self.conv1(x))), 5)
        x = F.relu(self.conv3(F.relu(self.conv2(x))))
        x = pool(F.local_response_norm(x, 5))
        x = pool(self.inception3b(self.inception3a(x)))
        first = x = self.inception4a(x)
        second = x = self.inception4d(self.inception4c(self.inception4b(x)))
        x = self.inception5b(self.inception5a(pool(self.inception4e(x))))
        logits = self.fc(x.mean((2, 3)))
        if self.training and self.heads:
            return logits, self.aux2(second), self.aux1(first)
        return logits


class PlainBlock(models.BasicBlock):
    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class PlainNet(models.CIFARResNet):
    @staticmethod
    def stage(inputs, outputs, blocks, stride):
        first = PlainBlock(inputs, outputs, stride)
        return nn.Sequential(first, *(PlainBlock(outputs, outputs, 1) for _ in range(blocks - 1)))


class PreActivationBlock(nn.Module):
    """Figure 4e of He et al. 2016: 3x3 convolutions, or 1x1, 3x3 and 1x1."""

    def __init__(self, inputs, width, stride, bottleneck):
        super().__init__()
        outputs = width * (4 if bottleneck else 1)
        self.bn1 = nn.BatchNorm2d(inputs)
        if bottleneck:
            self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(width)
            self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(width)
            self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        else:
            self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(width)
            self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        if inputs != outputs or stride != 1:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
        self.bottleneck = bottleneck

    def forward(self, x):
        active = F.relu(self.bn1(x))
        shortcut = self.shortcut(active) if hasattr(self, "shortcut") else x
        y = self.conv2(F.relu(self.bn2(self.conv1(active))))
        if self.bottleneck:
            y = self.conv3(F.relu(self.bn3(y)))
        return y + shortcut


class PreActivationResNet(nn.Module):
    def __init__(self, blocks, width=1, bottleneck=False, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        inputs = 16
        for place, channels in enumerate((16 * width, 32 * width, 64 * width)):
            stage = []
            for block in range(blocks):
                stride = 2 if place and not block else 1
                stage.append(PreActivationBlock(inputs, channels, stride, bottleneck))
                inputs = channels * (4 if bottleneck else 1)
            setattr(self, f"layer{place + 1}", nn.Sequential(*stage))
        self.bn = nn.BatchNorm2d(inputs)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.conv1(x))))
        return self.fc(F.relu(self.bn(x)).mean((2, 3)))


class StridesFirst(Bottleneck):
    """The published bottleneck: the first 1x1 convolution strides."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.conv1.stride, self.conv2.stride = self.conv2.stride, self.conv1.stride


class Squeezed(Bottleneck):
    """A bottleneck with squeeze and excitation, timm's keys."""

    def __init__(self, inputs, planes, *arguments, **options):
        super().__init__(inputs, planes, *arguments, **options)
        self.se = nn.Module()
        self.se.fc1 = nn.Conv2d(4 * planes, planes // 4, 1)
        self.se.fc2 = nn.Conv2d(planes // 4, 4 * planes, 1)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(y)))))
        y = y * self.se.fc2(F.relu(self.se.fc1(y.mean((2, 3), keepdim=True)))).sigmoid()
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class MobileNet(nn.Module):
    """Howard et al. 2017, table 1."""

    def __init__(self, classes=1000):
        super().__init__()
        layers, inputs = [conv_norm(3, 32, 3, stride=2)], 32
        for outputs, stride in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5,
                                (1024, 2), (1024, 1)):
            layers.append(nn.Sequential(
                conv_norm(inputs, inputs, 3, stride=stride, groups=inputs), conv_norm(inputs, outputs)))
            inputs = outputs
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class Group(nn.Module):
    """Two convolutions of Jordan 2024, with a pooling after the first."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs, momentum=0.1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs, momentum=0.1)

    def forward(self, x):
        x = F.gelu(self.norm1(F.max_pool2d(self.conv1(x), 2)))
        return F.gelu(self.norm2(self.conv2(x)))


class Airbench(nn.Module):
    def __init__(self):
        super().__init__()
        self.whiten = nn.Conv2d(3, 24, 2)
        self.group1 = Group(24, 64)
        self.group2 = Group(64, 256)
        self.group3 = Group(256, 256)
        self.fc = nn.Linear(256, 10, bias=False)

    def forward(self, x):
        x = self.group3(self.group2(self.group1(F.gelu(self.whiten(x)))))
        return self.fc(x.amax((2, 3))) / 9


def bottlenecks(block):
    return lambda classes: torchvision.models.ResNet(block, [3, 4, 6, 3], num_classes=classes)


# Made for a number of classes, and of hidden features where that is not None.
NETWORKS = {
    "lenet-300-100": lambda classes, hidden: models.LeNet300(),
    "lenet5": lambda classes, hidden: models.LeNet5(),
    "airbench94": lambda classes, hidden: Airbench(),
    "resnet20": lambda classes, hidden: models.CIFARResNet(),
    "resnet110": lambda classes, hidden: models.CIFARResNet(blocks=18),
    "plain20": lambda classes, hidden: PlainNet(),
    "preresnet110": lambda classes, hidden: PreActivationResNet(18),
    "preresnet164": lambda classes, hidden: PreActivationResNet(18, bottleneck=True),
    "wrn-16-4": lambda classes, hidden: PreActivationResNet(2, 4),
    "wrn-22-2": lambda classes, hidden: PreActivationResNet(3, 2),
    "alexnet-2012": lambda classes, hidden: AlexNet2012(classes, hidden or 4096),
    "zfnet": lambda classes, hidden: ZFNet(classes, hidden or 4096),
    "zfnet-wide": lambda classes, hidden: ZFNet(classes, hidden or 4096, (512, 1024, 512)),
    "nin-cifar": lambda classes, hidden: nin_cifar(classes),
    "nin": lambda classes, hidden: nin(classes),
    "googlenet-2014": lambda classes, hidden: GoogLeNet2014(classes),
    "googlenet-2014 without heads": lambda classes, hidden: GoogLeNet2014(classes, False),
    "resnet50-v1": lambda classes, hidden: bottlenecks(StridesFirst)(classes),
    "seresnet50": lambda classes, hidden: bottlenecks(Squeezed)(classes),
    "mobilenet_v1": lambda classes, hidden: MobileNet(classes),
}
