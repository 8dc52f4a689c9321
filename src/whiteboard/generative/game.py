"""Networks that train against each other, each by its own loss and optimizer."""

import keras

from whiteboard.fundamentals import differentiate


class Game(keras.Model):
    """Base of models whose parts, the players, take turns to train.

    A subclass names its `players` and plays one round with plain Keras operations. The
    same code trains on TensorFlow, JAX and PyTorch, because only two things depend on
    the backend: how a function is differentiated (`differentiate`), and that JAX's
    trainer hands the variables in and out, which `train_step` does.

    >>> class GAN(Game):
    ...     players = ("discriminator", "generator")
    ...
    ...     def play(self, real):
    ...         d = self.improve("discriminator", lambda: ...)  # a scalar loss
    ...         g = self.improve("generator", lambda: ...)
    ...         return {"discriminator": d, "generator": g}
    >>> gan.compile({"discriminator": "adam", "generator": keras.optimizers.Adam(1e-4)})
    >>> gan.fit(images, batch_size=64, epochs=10)

    `fit` reports the mean loss of each player over an epoch as `{player}_loss`.

    Attributes:
        players: Names of the attributes that hold the players, each a layer, model or
            list of them.
    """

    players = ()

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.trackers = {
            player: keras.metrics.Mean(name=f"{player}_loss") for player in self.players
        }

    @property
    def metrics(self):
        return list(self.trackers.values())

    def compile(self, optimizers, **kwargs):
        """Give each player its optimizer.

        Args:
            optimizers: Dictionary from player to optimizer, its name or its config.
            **kwargs: Passed to `keras.Model.compile`, as `run_eagerly` or `jit_compile`.

        Raises:
            ValueError: If the keys are not the players, two share one optimizer, or a
                player has no weights yet.
        """
        if not isinstance(optimizers, dict) or set(optimizers) != set(self.players):
            raise ValueError(
                f"optimizers must be a dictionary with the keys {list(self.players)}. "
                f"Received: optimizers={optimizers}"
            )
        players = {
            name: keras.optimizers.get(optimizers[name]) for name in self.players
        }
        if len({id(optimizer) for optimizer in players.values()}) < len(players):
            raise ValueError(
                "optimizers must be one for each player. "
                f"Received: optimizers={optimizers}"
            )
        for player, optimizer in players.items():
            weights = self.weights_of(player)
            if not weights:
                raise ValueError(
                    f"{player} must be built and have trainable weights before compile"
                )
            optimizer.build(weights)
        self.built = True
        super().compile(optimizer=PlayersOptimizer(players), **kwargs)

    def get_compile_config(self):
        if not self.compiled:
            return {}
        players = self.optimizer.players.items()
        serialize = keras.optimizers.serialize
        return {"optimizers": {name: serialize(each) for name, each in players}}

    def compile_from_config(self, config):
        self.compile(**config)

    def weights_of(self, player):
        """The trainable variables of one player."""
        parts = getattr(self, player)
        parts = parts if isinstance(parts, (list, tuple)) else [parts]
        return [variable for part in parts for variable in part.trainable_variables]

    def play(self, x, y=None):
        """Train each player once or more on a batch.

        Args:
            x: The batch of `fit`'s first argument.
            y: The batch of its second argument, where there is one.

        Returns:
            Dictionary from player to its loss.
        """
        raise NotImplementedError

    def improve(self, player, loss):
        """One optimizer step of one player; the others' weights stay as they are.

        Args:
            player: The name of the player.
            loss: Function without arguments that returns a scalar tensor.

        Returns:
            The loss before the step.
        """
        weights = self.weights_of(player)
        chosen = {id(variable) for variable in weights}
        others = [v for v in self.trainable_variables if id(v) not in chosen]
        state = self.non_trainable_variables  # moving averages and seeds

        def loss_at(*values):
            constants = [(v, v.value) for v in others + state]
            pairs = [*constants, *zip(weights, values, strict=True)]
            with keras.StatelessScope(pairs) as scope:
                value = loss()
            return value, [scope.get_current_value(variable) for variable in state]

        value, state_after, gradients = differentiate(
            loss_at, *(variable.value for variable in weights)
        )
        for variable, after in zip(state, state_after, strict=True):
            variable.assign(after)
        self.optimizer.players[player].apply(gradients, weights)
        return value

    def train_step(self, *arguments):
        """`train_step(data)`, and on JAX `train_step(state, data)`, as Keras calls it."""
        *state, data = arguments
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        batch = (x,) if y is None else (x, y)
        if not state:
            return self.play_and_report(*batch)
        groups = [
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        ]
        pairs = [
            pair
            for variables, values in zip(groups, *state, strict=True)
            for pair in zip(variables, values, strict=True)
        ]
        with keras.StatelessScope(pairs) as scope:
            logs = self.play_and_report(*batch)
        return logs, tuple(
            [scope.get_current_value(variable) for variable in variables]
            for variables in groups
        )

    def play_and_report(self, *batch):
        for player, loss in self.play(*batch).items():
            self.trackers[player].update_state(loss)
        return {tracker.name: tracker.result() for tracker in self.metrics}


class PlayersOptimizer(keras.optimizers.Optimizer):
    """The optimizers of all players as the one that Keras' trainer and saver expect."""

    def __init__(self, players):
        super().__init__(learning_rate=0.0)
        self.players = players
        self.built = True

    @property
    def variables(self):
        optimizers = self.players.values()
        return [variable for each in optimizers for variable in each.variables]
