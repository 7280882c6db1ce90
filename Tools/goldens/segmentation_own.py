"""Networks for semantic segmentation that torchvision does not have, written from their papers in PyTorch, keyed as
Striate keys them."""

import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.segmentation.deeplabv3 import ASPP

HIDDEN = 32  # where VGG-16's fully connected layers have 4096


def middle(x, size):
    """The middle of these extents."""
    top, left = ((a - b) // 2 for a, b in zip(x.shape[2:], size))
    return x[:, :, top:top + size[0], left:left + size[1]]


def widened(x, stride):
    height, width = x.shape[2:]
    return F.pad(x, (0, -width % stride, 0, -height % stride))


def trimmed(x, like):
    return x[:, :, :like.shape[2], :like.shape[3]]


class Double(nn.Module):
    def __init__(self, inputs, outputs, small):
        super().__init__()
        self.small = small
        options = {"padding": 1, "bias": False} if small else {}
        self.conv1 = nn.Conv2d(inputs, outputs, 3, **options)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, **options)
        if small:
            self.bn1, self.bn2 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)

    def forward(self, x):
        x = self.conv1(x)
        x = self.conv2(F.relu(self.bn1(x) if self.small else x))
        return F.relu(self.bn2(x) if self.small else x)


class UNet(nn.Module):
    """Ronneberger, Fischer and Brox 2015."""

    def __init__(self, classes, small=False):
        super().__init__()
        self.small = small
        widths = [(16 if small else 64) << level for level in range(5)]
        self.encoder = nn.ModuleList(
            Double(a, b, small) for a, b in zip([3 if small else 1] + widths, widths))
        widths.reverse()
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 2, 2) for a, b in zip(widths, widths[1:]))
        self.decoder = nn.ModuleList(Double(2 * a, a, small) for a in widths[1:])
        self.head = nn.Conv2d(widths[-1], classes, 1)

    def forward(self, image):
        x, skips = widened(image, 16) if self.small else image, []
        for level, block in enumerate(self.encoder):
            x = block(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        skips.pop()
        for up, block in zip(self.up, self.decoder):
            x = up(x)
            x = block(torch.cat([middle(skips.pop(), x.shape[2:]), x], 1))
        x = self.head(x)
        return trimmed(x, image) if self.small else x


def vgg16(padding=1, ceil=False, dilates=False):
    layers, inputs = [], 3
    for group, (width, count) in enumerate(zip([64, 128, 256, 512, 512], [2, 2, 3, 3, 3])):
        dilation = 2 if dilates and group == 4 else 1
        for _ in range(count):
            layers += [nn.Conv2d(inputs, width, 3, padding=dilation if layers else padding,
                                 dilation=dilation), nn.ReLU()]
            inputs = width
        layers.append(nn.Identity() if dilates and group > 2 else nn.MaxPool2d(2, ceil_mode=ceil))
    return nn.Sequential(*layers)


class FCN(nn.Module):
    """Long, Shelhamer and Darrell 2015, as released."""

    def __init__(self, classes, stride):
        super().__init__()
        self.stride = stride
        self.features = vgg16(padding=100, ceil=True)
        self.fc6 = nn.Conv2d(512, HIDDEN, 7)
        self.fc7 = nn.Conv2d(HIDDEN, HIDDEN, 1)
        self.score_fr = nn.Conv2d(HIDDEN, classes, 1)

        def rise(factor):
            return nn.ConvTranspose2d(classes, classes, 2 * factor, factor, bias=False)
        if stride < 32:
            self.score_pool4 = nn.Conv2d(512, classes, 1)
            self.upscore2 = rise(2)
        if stride < 16:
            self.score_pool3 = nn.Conv2d(256, classes, 1)
            self.upscore_pool4 = rise(2)
        self.upscore = rise(stride)

    def forward(self, image):
        def crop(x, like, offset):
            return x[:, :, offset:offset + like.shape[2], offset:offset + like.shape[3]]
        x, pools = image, []
        for layer in self.features:
            x = layer(x)
            if isinstance(layer, nn.MaxPool2d):
                pools.append(x)
        x = self.score_fr(F.relu(self.fc7(F.relu(self.fc6(x)))))
        if self.stride < 32:
            x = self.upscore2(x)
            x = x + crop(self.score_pool4(pools[3]), x, 5)
        if self.stride < 16:
            x = self.upscore_pool4(x)
            x = x + crop(self.score_pool3(pools[2]), x, 9)
        return crop(self.upscore(x), image, {32: 19, 16: 27, 8: 31}[self.stride])


class SegNet(nn.Module):
    """Badrinarayanan, Kendall and Cipolla 2017."""

    def __init__(self, classes):
        super().__init__()

        def stage(inputs, widths):
            layers = []
            for width in widths:
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
                inputs = width
            return layers
        self.encoder = nn.ModuleList(nn.Sequential(*stage(a, b)) for a, b in (
            (3, [64, 64]), (64, [128, 128]), (128, [256] * 3), (256, [512] * 3), (512, [512] * 3)))
        self.decoder = nn.ModuleList(nn.Sequential(*stage(a, b)) for a, b in (
            (512, [512] * 3), (512, [512, 512, 256]), (256, [256, 256, 128]), (128, [128, 64])))
        self.decoder.append(
            nn.Sequential(*stage(64, [64]), nn.Conv2d(64, classes, 3, padding=1)))

    def forward(self, x):
        places = []
        for stage in self.encoder:
            x = stage(x)
            size = x.shape[2:]
            x, indices = F.max_pool2d(x, 2, return_indices=True)
            places.append((indices, size))
        for stage in self.decoder:
            indices, size = places.pop()
            x = stage(F.max_unpool2d(x, indices, 2, output_size=size))
        return x


def normed(conv, activation=None, eps=1e-5):
    layers = [conv, nn.BatchNorm2d(conv.out_channels, eps=eps)]
    return nn.Sequential(*layers, activation) if activation else nn.Sequential(*layers)


def plain(inputs, outputs, kernel=1, **options):
    return nn.Conv2d(inputs, outputs, kernel, bias=False, **options)


def enet_normed(conv, activation=None):
    return normed(conv, activation, eps=1e-3)


class ENetBlock(nn.Module):
    """Paszke, Chaurasia, Kim and Culurciello 2016, figure 2b."""

    def __init__(self, width, dilation=1, asymmetric=0, rectifies=False):
        super().__init__()
        hidden = width // 4

        def activation(width):
            return nn.ReLU() if rectifies else nn.PReLU(width)
        self.project = enet_normed(plain(width, hidden), activation(hidden))
        if asymmetric:
            pad = asymmetric // 2
            self.convolve = nn.Sequential(
                plain(hidden, hidden, (asymmetric, 1), padding=(pad, 0)),
                *enet_normed(plain(hidden, hidden, (1, asymmetric), padding=(0, pad)),
                        activation(hidden)))
        else:
            self.convolve = enet_normed(
                plain(hidden, hidden, 3, padding=dilation, dilation=dilation), activation(hidden))
        self.expand = enet_normed(plain(hidden, width))
        self.activation = activation(width)

    def forward(self, x):
        return self.activation(x + self.expand(self.convolve(self.project(x))))


class ENetDown(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        hidden = outputs // 4
        self.project = enet_normed(plain(inputs, hidden, 2, stride=2), nn.PReLU(hidden))
        self.convolve = enet_normed(plain(hidden, hidden, 3, padding=1), nn.PReLU(hidden))
        self.expand = enet_normed(plain(hidden, outputs))
        self.activation = nn.PReLU(outputs)

    def forward(self, x):
        y, indices = F.max_pool2d(x, 2, return_indices=True)
        z = self.expand(self.convolve(self.project(x)))
        y = F.pad(y, (0, 0, 0, 0, 0, z.shape[1] - y.shape[1]))
        return self.activation(y + z), indices


class ENetUp(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        hidden = outputs // 4
        self.main = enet_normed(plain(inputs, outputs))
        self.project = enet_normed(plain(inputs, hidden), nn.ReLU())
        self.convolve = enet_normed(
            nn.ConvTranspose2d(hidden, hidden, 3, 2, 1, 1, bias=False), nn.ReLU())
        self.expand = enet_normed(plain(hidden, outputs))

    def forward(self, x, indices):
        y = F.max_unpool2d(self.main(x), indices, 2)
        return F.relu(y + self.expand(self.convolve(self.project(x))))


class ENetInitial(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = plain(3, 13, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(16, eps=1e-3)
        self.activation = nn.PReLU(16)

    def forward(self, x):
        return self.activation(self.bn(torch.cat([self.conv(x), F.max_pool2d(x, 2)], 1)))


class ENet(nn.Module):
    def __init__(self, classes):
        super().__init__()

        def deep():
            return nn.Sequential(*(ENetBlock(128, **options) for options in (
                {}, {"dilation": 2}, {"asymmetric": 5}, {"dilation": 4}, {}, {"dilation": 8},
                {"asymmetric": 5}, {"dilation": 16})))
        self.initial = ENetInitial()
        self.down1 = ENetDown(16, 64)
        self.stage1 = nn.Sequential(*(ENetBlock(64) for _ in range(4)))
        self.down2 = ENetDown(64, 128)
        self.stage2, self.stage3 = deep(), deep()
        self.up4 = ENetUp(128, 64)
        self.stage4 = nn.Sequential(*(ENetBlock(64, rectifies=True) for _ in range(2)))
        self.up5 = ENetUp(64, 16)
        self.stage5 = nn.Sequential(ENetBlock(16, rectifies=True))
        self.fullconv = nn.ConvTranspose2d(16, classes, 2, 2)

    def forward(self, image):
        x, first = self.down1(self.initial(widened(image, 8)))
        x, second = self.down2(self.stage1(x))
        x = self.stage4(self.up4(self.stage3(self.stage2(x)), second))
        return trimmed(self.fullconv(self.stage5(self.up5(x, first))), image)


class Context(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.convs = nn.ModuleList(
            [nn.Conv2d(classes, classes, 3, padding=rate, dilation=rate)
             for rate in (1, 1, 2, 4, 8, 16, 1)] + [nn.Conv2d(classes, classes, 1)])

    def forward(self, x):
        for conv in self.convs[:-1]:
            x = F.relu(conv(x))
        return self.convs[-1](x)


class DilatedVGG16(nn.Module):
    """Yu and Koltun 2016, zeros for the mirrored border."""

    def __init__(self, classes, context):
        super().__init__()
        self.features = vgg16(dilates=True)
        self.fc6 = nn.Conv2d(512, HIDDEN, 7, padding=12, dilation=4)
        self.fc7 = nn.Conv2d(HIDDEN, HIDDEN, 1)
        self.final = nn.Conv2d(HIDDEN, classes, 1)
        self.context = Context(classes) if context else nn.Identity()

    def forward(self, image):
        x = self.final(F.relu(self.fc7(F.relu(self.fc6(self.features(image))))))
        return F.interpolate(self.context(x), image.shape[2:], mode="bilinear")


class DeepLabV3Plus(nn.Module):
    """Chen, Zhu, Papandreou, Schroff and Adam 2018, on torchvision's ResNet."""

    def __init__(self, classes, depth):
        super().__init__()
        build = {50: torchvision.models.resnet50, 101: torchvision.models.resnet101}[depth]
        self.backbone = IntermediateLayerGetter(
            build(replace_stride_with_dilation=[False, False, True]),
            {"layer1": "low", "layer4": "high"})
        self.pyramid = ASPP(2048, [6, 12, 18])
        self.project = normed(plain(256, 48), nn.ReLU())
        self.decoder = nn.Sequential(
            *normed(plain(304, 256, 3, padding=1), nn.ReLU()),
            *normed(plain(256, 256, 3, padding=1), nn.ReLU()), nn.Conv2d(256, classes, 1))

    def forward(self, image):
        features = self.backbone(image)
        low = features["low"]
        x = F.interpolate(self.pyramid(features["high"]), low.shape[2:], mode="bilinear")
        x = self.decoder(torch.cat([x, self.project(low)], 1))
        return F.interpolate(x, image.shape[2:], mode="bilinear")


# A line a network: how it is made for a number of classes, its input, whether a training step stands beside logits.
NETWORKS = {
    "unet": (UNet, (1, 1, 204, 188), True),
    "unet-small": (lambda classes: UNet(classes, small=True), (2, 3, 40, 50), True),
    "fcn32s_vgg16": (lambda classes: FCN(classes, 32), (1, 3, 40, 33), False),
    "fcn16s_vgg16": (lambda classes: FCN(classes, 16), (1, 3, 33, 40), False),
    "fcn8s_vgg16": (lambda classes: FCN(classes, 8), (1, 3, 40, 47), True),
    "segnet": (SegNet, (2, 3, 48, 67), True),
    "enet": (ENet, (2, 3, 60, 70), True),
    "dilated_frontend_vgg16": (lambda classes: DilatedVGG16(classes, False), (1, 3, 40, 33), False),
    "dilated_context_vgg16": (lambda classes: DilatedVGG16(classes, True), (1, 3, 40, 47), True),
    "deeplabv3plus_resnet50": (lambda classes: DeepLabV3Plus(classes, 50), (4, 3, 40, 33), True),
    "deeplabv3plus_resnet101": (lambda classes: DeepLabV3Plus(classes, 101), (1, 3, 33, 40), False),
}
