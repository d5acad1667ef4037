"""The default engine: a Faster R-CNN of torchvision's parts, built in networks/faster_rcnn.py."""

from fashiongen.detector.networks.faster_rcnn import build_network as build

__all__ = ["build"]
