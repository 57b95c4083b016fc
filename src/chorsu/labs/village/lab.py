"""The village budget as a lab: what it asks, and what it tells of the choices."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from chorsu.labs.contract import (
    Chart,
    Choices,
    ChoicesRefused,
    Field,
    Group,
    Outcome,
    Series,
    Table,
    Task,
)
from chorsu.labs.village.model import (
    CAMP_COST,
    CAMP_INCOME,
    ITEMS,
    SERVICES,
    YEARLY,
    YEARS,
    Overspent,
    Village,
    Year,
    percent,
    scale_of,
    village,
    wellbeing,
    worth,
    years,
)

MOST = 1_000  # shares in a field: more than five years can bring together


class VillageBudget:
    """How a village spends five yearly budgets on its road, water, school and a camp-site."""

    code = "village-budget"

    def name(self, language: str) -> str:
        """What it is called."""
        return _say(language, "name")

    def task(self, seed: str, language: str) -> Task:
        """Four numbers a year, for five years."""
        start = village(seed)
        return Task(
            intro=_say(language, "intro", yearly=YEARLY, years=YEARS),
            model=_model(start, language),
            groups=[
                Group(
                    _say(language, "year", number=number),
                    [Field(f"{name}-{number}", _say(language, name), MOST) for name in ITEMS],
                )
                for number in range(1, YEARS + 1)
            ],
        )

    def run(self, seed: str, choices: Choices, language: str) -> Outcome:
        """Five years as the choices make them."""
        start = village(seed)
        spending = [
            {name: choices[f"{name}-{number}"] for name in ITEMS} for number in range(1, YEARS + 1)
        ]
        try:
            found = years(start, spending)
        except Overspent as error:
            why = _say(
                language, "overspent", number=error.year, wanted=error.wanted, money=error.money
            )
            raise ChoicesRefused({f"{ITEMS[0]}-{error.year}": why}) from error
        scale = scale_of(start)
        return Outcome(
            percent=percent(start, found),
            said=_say(
                language,
                "said",
                worth=worth(found),
                least=scale.nothing,
                even=scale.even,
                most=scale.best,
            ),
            charts=[_chart(start, found, language)],
            tables=[_table(start, found, language)],
        )


def _model(start: Village, language: str) -> str:
    lines = [
        _say(
            language, "model_service", name=_say(language, name), level=start.levels[name],
            wear=start.wear[name], half=start.half[name],
        )
        for name in SERVICES
    ]  # fmt: skip
    rest = [
        _say(language, "model_dry", number=start.dry_year),
        _say(language, "model_camp", cost=CAMP_COST, income=CAMP_INCOME),
        _say(language, "model_rest"),
        _say(language, "model_wellbeing"),
        _say(language, "model_score"),
    ]
    return "\n".join(f"- {line}" for line in (*lines, *rest))


def _chart(start: Village, found: list[Year], language: str) -> Chart:
    levels = [start.levels, *(year.levels for year in found)]
    series = [Series(_say(language, name), [one[name] for one in levels]) for name in SERVICES]
    whole = Series(_say(language, "wellbeing"), [wellbeing(one) for one in levels])
    steps = [str(number) for number in range(YEARS + 1)]
    return Chart(_say(language, "chart"), steps, [*series, whole])


def _table(start: Village, found: list[Year], language: str) -> Table:
    heads = ("money", "spent", "income", *SERVICES, "wellbeing")
    begin = [start.levels[name] for name in SERVICES]
    rows: list[tuple[str, list[int]]] = [
        (_say(language, "start"), [YEARLY, 0, 0, *begin, wellbeing(start.levels)])
    ]
    for year in found:
        levels = [year.levels[name] for name in SERVICES]
        spent = sum(year.spent.values())
        numbers = [year.money, spent, year.income, *levels, year.wellbeing]
        rows.append((_say(language, "year", number=year.number), numbers))
    return Table(
        _say(language, "table"),
        [_say(language, "when"), *(_say(language, head) for head in heads)],
        rows,
    )


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """Language tag -> name -> words."""
    text = files("chorsu.labs.village").joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _say(language: str, key: str, **values: object) -> str:
    words = _words()
    return words.get(language, words["en"])[key].format(**values)
