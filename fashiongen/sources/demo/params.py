"""The numbers of the demo source."""

from fashiongen.config import Params, Seed
from fashiongen.sources.demo.items import LabelledParams
from fashiongen.sources.demo.labelled_tree import DefectParams, PartitionParams
from fashiongen.sources.demo.pages import BoardsParams


class DemoParams(Params):
    """The section `demo` of data/demo/params.yaml."""

    seed: Seed
    labelled: LabelledParams
    partition: PartitionParams
    defects: DefectParams
    boards: BoardsParams
