"""Runs Rasa's graph node after node in one thread."""

from functools import lru_cache
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner


class SequentialGraphRunner(DaskGraphRunner):
    """Rasa's own runner without Dask.

    Dask's synchronous scheduler rebuilds and sorts the task graph on each run, which was a quarter of
    a turn; the order of the nodes depends only on the targets, so it is worked out once.
    """

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run what `targets` need and return their outputs.

        Raises:
            GraphRunError: when a node fails that is no Rasa component.
        """
        wanted = tuple(targets or self._graph_schema.target_names)
        outputs: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, node, parents in self._plan(wanted):
                outputs[name] = node(*[outputs.get(parent, parent) for parent in parents])
        except RuntimeError as error:
            raise GraphRunError("A node of the graph failed.") from error
        return {name: outputs[name][1] for name in wanted}

    @lru_cache(maxsize=8)  # noqa: B019 (a runner lives as long as its process)
    def _plan(self, targets: tuple[str, ...]) -> list[tuple[str, GraphNode, tuple[str, ...]]]:
        """The nodes that `targets` need, each after its parents."""
        nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
        plan: dict[str, tuple[str, GraphNode, tuple[str, ...]]] = {}

        def visit(name: str) -> None:
            if name in plan or name not in nodes:  # placeholders are inputs, not nodes
                return
            parents = tuple(nodes[name].needs.values())
            for parent in parents:
                visit(parent)
            plan[name] = (name, self._instantiated_nodes[name], parents)

        for target in targets:
            visit(target)
        return list(plan.values())
