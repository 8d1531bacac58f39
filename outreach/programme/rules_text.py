"""Writes the rules out: the commented file that ``init`` leaves, and docs/rules.md."""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin

from outreach.programme.rules import Rules, rules_data
from outreach.programme.rules_schema import (
    bounds_of,
    bounds_of_item,
    by_alias,
    fields_below,
    is_table,
    range_text,
    sections,
)
from outreach.words import Words


def write_rules(rules: Rules, words: Words) -> str:
    """Return the rules as a file with a comment at every key, in the language of ``words``.

    ``read_rules`` gives back equal rules.
    """
    lines = [f"# {line}" for line in words.say("rule.file").splitlines()]
    data = rules_data(rules)
    for section, model in sections():
        lines += ["", "", f"# {words.say(f'rule.{section}')}"]
        if all(is_table(below.annotation) for below in model.model_fields.values()):
            described = [f"#   {key} - {words.say(f'rule.{section}.{key}')}" for key in fields_below(model)]
            lines += [*described]
            for key, table in data[section].items():
                lines += ["", f"[{section}.{key}]  # {words.say(f'rule.{section}.{key}')}"]
                lines += [f"{name} = {_toml(value)}" for name, value in table.items()]
        else:
            lines.append(f"[{section}]")
            for key, value in data[section].items():
                lines += ["", f"# {words.say(f'rule.{section}.{key}')}", f"{key} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def rules_document(words: Words) -> str:
    """Return docs/rules.md: every key with its default, what it may be, and its meaning."""
    data = rules_data(Rules())
    say = words.say
    heads = " | ".join(say(f"rule.document.{head}") for head in ("key", "default", "allowed", "meaning"))
    lines = [f"# {say('rule.document.title')}", "", say("rule.document.intro")]
    for section, model in sections():
        lines += ["", f"## `[{section}]`", "", say(f"rule.{section}")]
        below = fields_below(model)
        if below:
            kinds = "".join(f"- `[{section}.{key}]`: {say(f'rule.{section}.{key}')}\n" for key in data[section])
            lines += ["", kinds.rstrip("\n")]
        lines += ["", f"| {heads} |", "|---|---|---|---|"]
        for key, info in (below or by_alias(model)).items():
            defaults = {_toml(table[key]) for table in data[section].values()} if below else {_toml(data[section][key])}
            if len(defaults) > 1:
                pairs = (f"`{name}`: `{_toml(table[key])}`" for name, table in data[section].items())
                default = "<br>".join(pairs)
            else:
                default = f"`{defaults.pop()}`"
            cells = [f"`{key}`", default, _allowed(info, words), say(f"rule.{section}.{key}")]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def rule_keys() -> list[str]:
    """Return every catalog key that describes the rules: ``rule.<section>`` and ``rule.<section>.<field>``."""
    keys: list[str] = []
    for section, model in sections():
        keys.append(f"rule.{section}")
        keys += [f"rule.{section}.{key}" for key in (*by_alias(model), *fields_below(model))]
    return keys


def _allowed(info: Any, words: Words) -> str:
    """What a field may be, from its type alone."""
    annotation, metadata = info.annotation, list(info.metadata)
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        metadata += more
    bounds = bounds_of(metadata)
    if annotation is bool:
        return "`true`, `false`"
    if annotation is int and any(getattr(item, "func", None) for item in metadata):
        return words.say("rule.document.time")
    if bounds is not None:
        return range_text(bounds)
    if annotation is str:
        return words.say("rule.document.text")
    if get_origin(annotation) is tuple:
        return words.say("rule.document.list", item=_item_text(get_args(annotation)[0], words))
    return ", ".join(f"`{choice}`" for choice in get_args(annotation))


def _item_text(annotation: Any, words: Words) -> str:
    if get_origin(annotation) is Annotated:
        base = get_args(annotation)[0]
        bounds = bounds_of_item(annotation)
        if bounds is not None:
            return range_text(bounds)
        return {"Period": words.say("rule.document.period"), "YearlyPeriod": words.say("rule.document.year")}.get(
            base.__name__, words.say("rule.document.word")
        )
    if is_table(annotation):
        pairs = (f"{name} {range_text(bounds_of(info.metadata))}" for name, info in by_alias(annotation).items())
        return "{" + "; ".join(pairs) + "}"
    return " ".join(f"`{choice}`" for choice in get_args(annotation))


def _toml(value: Any) -> str:
    """Write one value: a text, number, truth value, list, or table on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c.isprintable() or c == "　" else f"\\U{ord(c):08X}" for c in escaped) + '"'
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return str(value)
