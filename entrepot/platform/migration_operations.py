"""Many changes of the schema as one operation of a migration.

The ORM renders all models anew after each operation, which took 15 s of CPU for the 150 operations
of one migration; together they render once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tortoise.migrations.operations import TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class _Unrendered(State):
    """A state whose models are not rendered while it changes."""

    def reload_model(self, app_label: str, model_name: str) -> None:
        """Leave the models as they are."""

    def reload_models(self, model_tuples: Iterable[tuple[str, str]]) -> None:
        """Leave the models as they are."""


class Together(TortoiseOperation):
    """Operations of which none needs the models as another one left them.

    Each is run in order with the state before all of them and the state after all of them.
    """

    def __init__(self, operations: Sequence[TortoiseOperation]) -> None:
        self.operations = operations

    def describe(self) -> str:
        """Return what the operations do, in words."""
        return "; ".join(operation.describe() for operation in self.operations)

    def state_forward(self, app_label: str, state: State) -> None:
        """Change the state by every operation, then render the models once."""
        unrendered = _Unrendered(models=state.models, apps=state.apps)
        for operation in self.operations:
            operation.state_forward(app_label, unrendered)
        state.reload_models(list(state.models))

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Change the database by every operation."""
        for operation in self.operations:
            await operation.database_forward(app_label, old_state, new_state, state_editor)

    async def database_backward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Undo every operation, the last one first."""
        for operation in reversed(self.operations):
            await operation.database_backward(app_label, old_state, new_state, state_editor)
