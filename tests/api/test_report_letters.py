"""Who is sent the report of the network by e-mail."""

from emobi.core.models import AuditEntry
from sessions.models import ReportSubscription


def test_a_recipient_is_added_once_read_and_taken_away(admin, viewer):
    made = admin.post("/reports/letters", {"recipient": "Boss@example.org", "every": "month"})
    assert (made["recipient"], made["every"]) == ("boss@example.org", "month")
    assert made["next_at"].endswith("-01T05:00:00.000Z")
    assert made["created_by"].startswith("key:")
    again = admin.post("/reports/letters", {"recipient": "boss@example.org", "every": "month"})
    weekly = admin.post("/reports/letters", {"recipient": "boss@example.org", "every": "week"})
    assert again == made
    assert admin.all("/reports/letters", 1) == [weekly, made]
    path = f"/reports/letters/{made['letter_id']}"
    assert admin.get(path) == made
    viewer.get("/reports/letters", expect=403)
    viewer.get(path, expect=403)
    admin.delete(path)
    admin.get(path, expect=404)
    assert ReportSubscription.objects.get().pk == weekly["letter_id"]
    assert AuditEntry.objects.filter(action="report_subscription.deleted", target="boss@example.org").exists()


def test_what_cant_be_taken_is_said_at_its_field(admin):
    wrong = {"recipient": ["nobody", "a@example.org\nBcc: b@example.org", ""], "every": ["day", None]}
    for field, values in wrong.items():
        for value in values:
            said = {"recipient": "boss@example.org", "every": "week", field: value}
            told = admin.post("/reports/letters", said, expect=422)
            assert told["errors"][0]["field"] == field, told
    assert not ReportSubscription.objects.exists()
