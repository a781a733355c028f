from typing import Self

import numpy as np
from numpy.typing import NDArray

class TSNE:
    embedding_: NDArray[np.float32]
    def __init__(
        self,
        n_components: int = 2,
        *,
        perplexity: float = 30.0,
        early_exaggeration: float = 12.0,
        max_iter: int = 1000,
        init: NDArray[np.float32],
        random_state: int | None = None,
        angle: float = 0.5,
    ) -> None: ...
    def fit(self, X: NDArray[np.float32]) -> Self: ...
