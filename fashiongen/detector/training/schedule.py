"""The learning rate of an iteration."""

from fashiongen.detector.params import TrainParams


def learning_rate(iteration: int, params: TrainParams) -> float:
    """The multi-step learning rate under a linear warm-up, as Detectron defines both; iterations count from 0.

    Every entry of `steps_iterations` that `iteration` has reached multiplies the base rate by `gamma`; over the first
    `warmup_iterations` the rate grows linearly from `warmup_factor` of its value to the whole value.
    """
    rate = params.base_lr * params.gamma ** sum(iteration >= step for step in params.steps_iterations)
    if iteration >= params.warmup_iterations:
        return rate
    progress = iteration / params.warmup_iterations
    return rate * (params.warmup_factor * (1 - progress) + progress)
