"""What every part of a plan document is made of: exact numbers, codes, names, and a strict frozen base."""

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

NUMBER = re.compile(r"^-?\d{1,15}(\.\d{1,12})?$")
CODE = r"^[a-z][a-z0-9_]{0,29}$"
MAX_AMOUNT = Decimal("999999999999")


class Part(BaseModel):
    """A part of a plan document: unknown fields are refused, nothing changes after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def plain(value: Decimal) -> str:
    """Write a number as text without needless zeros and without an exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_reader(low: Decimal | int, high: Decimal | int) -> BeforeValidator:
    """Return a reader of exact numbers between two bounds: text or whole numbers, never floats."""

    def read(value: Any) -> Decimal:
        bounds = {"low": plain(Decimal(low)), "high": plain(Decimal(high))}
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise PydanticCustomError("exact_number", "number", bounds)
        text = str(value).strip()
        if not NUMBER.match(text) or not low <= Decimal(text) <= high:
            raise PydanticCustomError("exact_number", "number", bounds)
        return Decimal(text)

    return BeforeValidator(read)


def _number(low: Decimal | int, high: Decimal | int, description: str) -> Any:
    schema = {
        "type": "string",
        "pattern": NUMBER.pattern,
        "description": f"{description} Exact, written as text; from {low} to {high}.",
    }
    return Annotated[
        Decimal, number_reader(low, high), PlainSerializer(plain, return_type=str), WithJsonSchema(schema)
    ]


# A type checker reads the plain type; pydantic reads the annotated one.
Amount = _number(0, MAX_AMOUNT, "An amount or quantity.")
SignedAmount = _number(-MAX_AMOUNT, MAX_AMOUNT, "An amount or quantity, negative allowed.")
Positive = _number(Decimal("0.00000001"), MAX_AMOUNT, "An amount or quantity above zero.")
Rate = _number(0, 1000, "A rate as a share: 0.05 is five per cent.")
Ratio = _number(0, 1000, "A share: 1 is a hundred per cent.")
Share = _number(0, 1, "A share of the whole: 1 is all of it.")
Grade = _number(0, 10, "A grade: 1 is reached in full.")
Weight = _number(Decimal("0.01"), 100, "A weight; weights of one part add up to 100.")
Count = Annotated[int, Field(ge=0, le=1200)]
Code = Annotated[str, Field(pattern=CODE, description="Small letters, digits and underscores.")]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Day = Annotated[dt.date, Field(ge=dt.date(1980, 1, 1), le=dt.date(2180, 1, 1))]
Word = Annotated[str, Field(min_length=1, max_length=80)]
MeasureCode = Annotated[str, Field(min_length=1, max_length=40, description="The code of a measure.")]
