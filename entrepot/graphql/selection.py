"""What an operation asks for below the field being resolved, so that no more is read."""

from __future__ import annotations

from graphql import FieldNode, FragmentSpreadNode, SelectionSetNode

from entrepot.graphql.context import Info


def names_below(info: Info) -> frozenset[str]:
    """Return the names of all fields below the one being resolved, at any depth.

    Those that `@skip` or `@include` will leave out are named too.
    """
    raw = info._raw_info
    names: set[str] = set()
    spread: set[str] = set()
    pending: list[SelectionSetNode | None] = [node.selection_set for node in raw.field_nodes]
    while pending:
        selection_set = pending.pop()
        for selection in selection_set.selections if selection_set is not None else ():
            if isinstance(selection, FieldNode):
                names.add(selection.name.value)
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name not in spread:
                    spread.add(name)
                    pending.append(raw.fragments[name].selection_set)
            else:
                pending.append(getattr(selection, "selection_set", None))
    return frozenset(names)
