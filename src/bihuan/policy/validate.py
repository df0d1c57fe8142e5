"""Checking a policy against the metrics that exist."""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.policy.errors import PolicyError
from bihuan.policy.model import (
    TEXT_UNITS,
    Apply,
    Compare,
    Expression,
    MetricInfo,
    Number,
    Operand,
    Policy,
    Read,
    Ref,
    comparisons,
)
from bihuan.policy.reading import hint

LEAST_CASES = 3


def validate(policy: Policy, known_metrics: Mapping[str, MetricInfo]) -> list[PolicyError]:
    """Unknown metrics, text read as number and the reverse, units that do not fit, too few cases. Empty if all is well.

    Numbers written without a unit fit everywhere; a threshold with a unit fits only its own. A key `facts.*` of
    `known_metrics` stands for every name that begins so.
    """
    return _Check(policy, known_metrics).run()


class _Check:
    def __init__(self, policy: Policy, known: Mapping[str, MetricInfo]) -> None:
        self.policy, self.known = policy, known
        self.errors: dict[tuple[str, str], PolicyError] = {}

    def run(self) -> list[PolicyError]:
        policy = self.policy
        if len(policy.cases) < LEAST_CASES:
            self.fault("cases", "too_few_cases", count=len(policy.cases), least=LEAST_CASES)
        for derived in policy.derived.values():
            path = derived.expression.path.removesuffix(".value")
            self.names(derived.expression)
            unit = self.unit(derived.expression)
            if unit is not None and derived.unit is not None and unit != derived.unit:
                self.fault(f"{path}.unit", "unit_mismatch", left=derived.unit, right=unit)
        for index, dimension in enumerate(policy.dimensions):
            self.names(dimension.value)
            path = f"dimensions[{index}]"
            unit = self.unit(dimension.value) if dimension.value is not None else None
            for place, band in enumerate(dimension.bands):
                if band.test is not None:
                    self.operands(band.test.operands, unit, f"{path}.bands[{place}].{band.test.operator}")
            for place, point in enumerate(dimension.linear):
                self.operands((point.at,), unit, f"{path}.linear[{place}].at")
        conditions = [dimension.met for dimension in policy.dimensions]
        conditions += [tier.when for tier in policy.tiers] + [tag.when for tag in policy.tags]
        for condition in conditions:
            for comparison in comparisons(condition):
                self.comparison(comparison)
        return list(self.errors.values())

    def fault(self, path: str, code: str, **params: object) -> None:
        self.errors.setdefault((path, code), PolicyError(path, code, params))

    def info(self, name: str) -> MetricInfo | None:
        """A family's members are known by its star: `facts.*` for `facts.industry`."""
        return self.known.get(name) or self.known.get(f"{name.partition('.')[0]}.*")

    def name(self, ref: Ref, path: str) -> None:
        if not ref.is_input:
            return
        info = self.info(ref.name)
        if info is None:
            self.fault(path, "unknown_metric", name=ref.name, hint=hint(ref.name, self.known))
            return
        is_text, as_text = info.unit in TEXT_UNITS, ref.key in self.policy.text_inputs
        is_read = as_text or ref.key in self.policy.number_inputs
        if info.unit and is_read and is_text != as_text:
            given, expected = ("text", "a number") if is_text else ("a number", "text")
            self.fault(path, "wrong_value_type", name=ref.name, given=given, expected=expected)

    def names(self, expression: Expression | None) -> None:
        match expression:
            case Read(ref=ref, path=path):
                self.name(ref, f"{path}.{ref.kind}")
            case Apply(items=items):
                for item in items:
                    self.names(item)

    def comparison(self, comparison: Compare) -> None:
        self.name(comparison.ref, f"{comparison.path}.{comparison.ref.kind}")
        self.operands(
            comparison.test.operands,
            self.unit_of(comparison.ref),
            f"{comparison.path}.{comparison.test.operator}",
        )

    def operands(self, operands: tuple[Operand, ...], unit: str | None, path: str) -> None:
        for operand in operands:
            threshold = self.policy.thresholds.get(operand.threshold or "")
            if (
                threshold is not None
                and threshold.unit is not None
                and unit is not None
                and threshold.unit != unit
            ):
                self.fault(path, "unit_mismatch", left=unit, right=threshold.unit)

    def unit_of(self, ref: Ref) -> str | None:
        match ref.kind:
            case "metric":
                info = self.info(ref.name)
                return info.unit or None if info is not None else None
            case "rank_share":
                return "fraction"
            case "derived":
                derived = self.policy.derived[ref.name]
                return derived.unit or self.unit(derived.expression)
        return "score"

    def unit(self, expression: Expression) -> str | None:
        """The unit of an expression; None where it cannot be told, as after multiplying."""
        match expression:
            case Read(ref=ref):
                return self.unit_of(ref)
            case Number(operand=operand):
                threshold = self.policy.thresholds.get(operand.threshold or "")
                return threshold.unit if threshold is not None else None
            case Apply(operator="multiply" | "divide", items=items):
                units = [self.unit(item) for item in items]
                if expression.operator == "divide" and units[0] is not None and units[0] == units[1]:
                    return "fraction"
                return None
            case Apply(items=items, path=path):
                units = [unit for item in items if (unit := self.unit(item)) is not None]
                for unit in units[1:]:
                    if unit != units[0]:
                        self.fault(path, "unit_mismatch", left=units[0], right=unit)
                return units[0] if units else None
        raise AssertionError(expression)
