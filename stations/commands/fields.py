"""What the fields of commands may hold, as the schema of their params tells it."""

from typing import Annotated

from pydantic import Field

EvseId = Annotated[int, Field(ge=1, le=9999)]
ConnectorId = Annotated[int, Field(ge=1, le=9999)]

# Chosen by us where none is given. 1.6 has 32 bits for an integer.
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]

# identifierString of the device model; its longest value.
Identifier = Annotated[str, Field(max_length=50)]
Value = Annotated[str, Field(max_length=1000)]
# AttributeEnumType. Source: OCPP 2.0.1 part 2, section 3.2.
Attribute = Annotated[str, Field(pattern="^(Actual|Target|MinSet|MaxSet)$")]

IdTokenText = Annotated[str, Field(min_length=1, max_length=36)]
# IdTokenEnumType. Source: OCPP 2.0.1 part 2, section 3.43.
IdTokenType = Annotated[
    str,
    Field(pattern="^(Central|eMAID|ISO14443|ISO15693|KeyCode|Local|MacAddress|NoAuthorization)$"),
]
TransactionId = Annotated[str, Field(min_length=1, max_length=36)]
