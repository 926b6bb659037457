"""Every key and what it does: what ``?`` shows. Keys that lead to rooms are in `dashboard.places`."""

# Keys, and in words what they do.
SHORTCUTS = (
    (("Ctrl K",), "Go to, or do: stations, sessions, pages, commands"),
    (("/",), "Search the list, or stations"),
    (("j", "k"), "Next row, previous row"),
    (("Enter",), "Open the row"),
    (("o",), "Preview the row, in the list of stations"),
    (("x",), "Choose the row"),
    (("Shift x",), "Choose the rows up to here, in the list of stations"),
    ((".",), "Menu of the row: commands, messages and more of its station"),
    (("a", "m"), "Acknowledge the incident, assign it to me"),
    (("e", "z"), "Resolve the incident, snooze it for an hour"),
    (("c",), "Commands, on a station's page"),
    (("[", "]"), "Previous, next station"),
    (("r",), "Refresh the list"),
    (("p",), "Pause or resume live updates"),
    (("t",), "Next theme: dark, light, system"),
    (("d",), "Compact or cosy"),
    (("?",), "These shortcuts"),
    (("Esc",), "Close what is open"),
)
