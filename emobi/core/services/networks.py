"""Networks: the tenants."""

from django.core.exceptions import ValidationError

from emobi.core import unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import Network
from emobi.core.services import audit


def create(
    slug: str,
    name: str = "",
    *,
    security_profile: int = 1,
    auto_register: bool = False,
    by: str = "system:setup",
) -> Network:
    """Create a network; its name is its slug where none is given.

    Raises:
        Invalid: If the slug isn't made of lower-case letters, digits and "-", or a value is out of range.
        Conflict: If there is a network of that slug.
    """
    network = Network(
        slug=slug, name=name or slug, security_profile=security_profile, auto_register=auto_register
    )
    try:
        network.clean_fields(exclude={"created_at"})
        network.validate_constraints(exclude={"slug"})
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field if field != "__all__" else "security_profile") from error
    with unit_of_work.begin():
        # The slug is the one thing that can clash, and only the database sees who else is creating it now.
        network, created = Network.objects.get_or_create(
            slug=slug,
            defaults={
                "name": network.name,
                "security_profile": security_profile,
                "auto_register": auto_register,
            },
        )
        if not created:
            raise Conflict(f"There is a network {slug} already.")
        audit.record(network.pk, by, "network.created", slug)
    return network
