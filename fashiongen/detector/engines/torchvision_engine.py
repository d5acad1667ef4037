"""The engine that installs everywhere: torchvision's parts, put together in network.py."""

from fashiongen.detector.networks.faster_rcnn import build_network as build

__all__ = ["build"]
