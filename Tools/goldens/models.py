"""The PyTorch networks that goldens and the peer benchmark use, keyed as Striate keys them."""

from torch import nn
from torch.nn import functional as F


class LeNet5(nn.Module):
    """LeNet-5 with ReLU, max-pooling and a dense C3: 61,706 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))


class LeNet300(nn.Module):
    """LeNet-300-100 with ReLU: 266,610 parameters."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 300)
        self.fc2 = nn.Linear(300, 100)
        self.fc3 = nn.Linear(100, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut without parameters (option A of the ResNet paper).

    Where the shape changes, the shortcut takes every second row and column and pads channels with
    zeros: half of the new ones (rounded down) below, the rest above.
    """

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride = stride
        low = (outputs - inputs) // 2
        self.pad = (0, 0, 0, 0, low, outputs - inputs - low)

    def forward(self, x):
        shortcut = x
        if any(self.pad) or self.stride != 1:
            shortcut = F.pad(x[:, :, :: self.stride, :: self.stride], self.pad)
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + shortcut)


class CIFARResNet(nn.Module):
    """The CIFAR residual network of He et al. 2015, section 4.2, for any widths."""

    def __init__(self, widths=(16, 32, 64), blocks=3, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.layer1 = self.stage(widths[0], widths[0], blocks, 1)
        self.layer2 = self.stage(widths[0], widths[1], blocks, 2)
        self.layer3 = self.stage(widths[1], widths[2], blocks, 2)
        self.fc = nn.Linear(widths[2], classes)

    @staticmethod
    def stage(inputs, outputs, blocks, stride):
        first = BasicBlock(inputs, outputs, stride)
        return nn.Sequential(first, *(BasicBlock(outputs, outputs, 1) for _ in range(blocks - 1)))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


def tiny_resnet():
    """The batch-norm residual network of the training goldens: widths 8, 12, 20, a block each."""
    return CIFARResNet(widths=(8, 12, 20), blocks=1)


def resnet20():
    """CIFAR ResNet-20: 269,722 parameters."""
    return CIFARResNet()


def parameter_count(model):
    return sum(p.numel() for p in model.parameters())
