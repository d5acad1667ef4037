"""The engine that installs everywhere: torchvision's parts, put together in networks/faster_rcnn.py."""

from fashiongen.detector.networks.faster_rcnn import build_network as build

__all__ = ["build"]
