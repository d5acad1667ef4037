"""The commands of these tests start with their libraries: otherwise a whole run takes twice as long."""

import torch

WORDS = "import sys; print('torch' in sys.modules)"


def test_a_command_is_warm_after_whatever_its_caller_had_torch_do(lay_out, tmp_path):
    torch.use_deterministic_algorithms(False)  # sets a variable of Inductor's
    assert lay_out(tmp_path).run(f'python -c "{WORDS}"') == "True\n"


def test_a_command_has_a_python_of_its_own_where_a_variable_matters_at_its_start(lay_out, tmp_path):
    assert lay_out(tmp_path).run(f'python -c "{WORDS}"', OMP_NUM_THREADS="3") == "False\n"
