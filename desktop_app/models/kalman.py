"""The motion of many boxes at once: a Kalman filter with constant velocity, as SORT and its successors use it.

Constants and arithmetic are those of DeepSORT (Wojke et al., "Simple Online and Realtime Tracking with a Deep
Association Metric", 2017), which ByteTrack kept, and of BoT-SORT (Aharon et al., 2022). A state is (centre x, centre y,
shape, height) and their velocities a step; the shape is width / height in ByteTrack, the width in BoT-SORT.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]

_POSITION, _VELOCITY = 1 / 20, 1 / 160
"""Standard deviations, as shares of the size of the box."""
_DIAGONAL = np.arange(8)


class BoxMotion:
    """`aspect`: the third number of a state is width / height (ByteTrack), otherwise the width (BoT-SORT)."""

    def __init__(self, aspect: bool) -> None:
        self.aspect = aspect

    def measured(self, tlwh: Floats) -> Floats:
        """(left, top, width, height) as the filter measures them, (n, 4) in the precision of the network."""
        measured = tlwh.copy()
        measured[:, :2] += measured[:, 2:] / 2
        if self.aspect:
            measured[:, 2] /= measured[:, 3]
        return measured

    def boxes(self, mean: Doubles) -> Doubles:
        """The states as (left, top, right, bottom)."""
        box = mean[:, :4].copy()
        if self.aspect:
            box[:, 2] *= box[:, 3]
        box[:, :2] -= box[:, 2:] / 2
        box[:, 2:] += box[:, :2]
        return box

    def _deviations(self, mean: Doubles, of_shape: float, of_velocity: float) -> Doubles:
        """Standard deviations of position and velocity, (n, 8), with those of an aspect ratio as given."""
        height = mean[:, 3]
        width = height if self.aspect else mean[:, 2]
        shape = np.full_like(height, of_shape) if self.aspect else _POSITION * width
        turn = np.full_like(height, of_velocity) if self.aspect else _VELOCITY * width
        place = [_POSITION * width, _POSITION * height, shape, _POSITION * height]
        return np.stack([*place, _VELOCITY * width, _VELOCITY * height, turn, _VELOCITY * height], axis=1)

    def begun(self, measured: Floats) -> tuple[Doubles, Doubles]:
        """State and covariance of things seen for the first time."""
        mean = np.concatenate([measured.astype(np.float64), np.zeros((len(measured), 4))], axis=1)
        deviations = self._deviations(mean, 1e-2, 1e-5)
        less_known = np.array([2.0] * 4 + [10.0] * 4)
        if self.aspect:
            less_known[[2, 6]] = 1.0
        return mean, _diagonal(np.square(deviations * less_known))

    def predicted(self, mean: Doubles, covariance: Doubles, steps: int) -> tuple[Doubles, Doubles]:
        """`steps` steps later; so many predictions in a row in one."""
        motion = np.eye(8)
        motion[_DIAGONAL[:4], _DIAGONAL[4:]] = steps
        noise = np.square(self._deviations(mean, 1e-2, 1e-5))
        covariance = motion @ covariance @ np.ascontiguousarray(motion.T) + _noise_of(noise, steps)
        return mean @ motion.T, covariance

    def corrected(self, mean: Doubles, covariance: Doubles, measured: Floats) -> tuple[Doubles, Doubles]:
        """With what was measured, a row each."""
        seen = covariance[:, :4, :4] + _diagonal(np.square(self._deviations(mean, 1e-1, 0.0)[:, :4]))
        gain = np.linalg.solve(seen, covariance[:, :, :4].transpose(0, 2, 1)).transpose(0, 2, 1)
        surprise = measured - mean[:, :4]
        mean = mean + (gain @ surprise[:, :, None])[:, :, 0]
        return mean, covariance - gain @ seen @ gain.transpose(0, 2, 1)


def _diagonal(values: Doubles) -> Doubles:
    matrices = np.zeros((len(values), values.shape[1], values.shape[1]))
    place = np.arange(values.shape[1])
    matrices[:, place, place] = values
    return matrices


def _noise_of(step: Doubles, steps: int) -> Doubles:
    """The noise of `steps` steps: that of each step, carried on by the motion of those after it.

    A velocity that is off by v after a step moves the position by v in each later one, hence the sums of k and of k².
    """
    noise = _diagonal(step * steps)
    if steps > 1:
        place, velocity = _DIAGONAL[:4], _DIAGONAL[4:]
        sum_k, sum_k2 = steps * (steps - 1) / 2, (steps - 1) * steps * (2 * steps - 1) / 6
        noise[:, place, place] += sum_k2 * step[:, 4:]
        noise[:, place, velocity] = noise[:, velocity, place] = sum_k * step[:, 4:]
    return noise


def warped(mean: Doubles, covariance: Doubles, warp: Doubles) -> tuple[Doubles, Doubles]:
    """States of (centre, width, height) after the camera moved by the affine `warp` (2, 3).

    Centres turn with the picture; sides stay upright and take the box round the turned one.
    """
    turn = warp[:, :2]
    whole = np.kron(np.eye(4, dtype=np.float32), turn)
    whole[2:4, 2:4] = whole[6:8, 6:8] = np.abs(turn)
    mean = (whole @ mean[..., None])[..., 0]
    mean[:, :2] += warp[:, 2]
    return mean, whole @ covariance @ np.ascontiguousarray(whole.T)
