"""Table of the marketplace's own search words."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from entrepot.platform.ids import new_id


class SearchWord(Model):
    """One entry: words that mean the same, a word for another, a stop word, a unit's spelling.

    `synonym`: all of `words` mean the same; `means` is empty. `replacement`: whoever writes one of
    `words` also finds `means`. `stop_word`: `words` are not searched by. `unit`: `words` are
    spellings of the unit whose UN/ECE Rec 20 code is the one value of `means`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=20, description="synonym | replacement | stop_word | unit")
    words = ArrayField("TEXT", description="as the operator wrote them")
    means = ArrayField("TEXT", default=list)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "search_word"
        constraints = (
            CheckConstraint(
                check="kind IN ('synonym','replacement','stop_word','unit')",
                name="search_word_kind",
            ),
            CheckConstraint(
                check="cardinality(words) > 0 AND (kind <> 'synonym' OR cardinality(words) > 1)"
                " AND (kind IN ('synonym','stop_word')) = (cardinality(means) = 0)",
                name="search_word_words",
            ),
        )
