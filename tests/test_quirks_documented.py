"""`docs/ocpp/quirks.md` has every flag, and for each thing that stations do there is a test."""

import re
from pathlib import Path

import pytest

from stations import quirks

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "ocpp" / "quirks.md").read_text()
ROWS = {
    int(number): (emobi, flags)
    for number, emobi, flags in re.findall(r"^\| (\d+) \| .+? \| (.+?) \| ?(.*?) ?\|$", PAGE, re.M)
}

HANDSHAKE = "gateway/whole/test_handshake.py"
FRAMES, CONVERSATION = "gateway/test_frames.py", "gateway/test_connection.py"
TOLERANCE = "gateway/test_tolerance.py"
CORRECTIONS, SUGGESTED = "gateway/test_corrections.py", "stations/test_suggested_quirks.py"
STARTS, ENDS = "sessions/services/test_starts.py", "sessions/services/test_ends.py"
UNANNOUNCED, READINGS = "sessions/services/test_unannounced.py", "sessions/services/test_readings.py"
CONNECTORS = "stations/services/device_model/test_connectors.py"
MEASURANDS = "sessions/test_measurands.py"
COMMANDS = "gateway/whole/test_commands.py"
PROFILES = "gateway/whole/test_smart_charging.py"

# By number, where it is tested. What is left alone on purpose has one where there is a refusal to see.
TESTS = {
    1: (HANDSHAKE, "test_a_station_that_names_no_version_may_have_one_by_its_quirk"),
    2: (HANDSHAKE, "test_the_first_version_of_the_stations_list_is_spoken_as_it_spells_it"),
    3: ("gateway/test_listener_http.py", "test_a_damaged_handshake_is_refused"),
    4: (HANDSHAKE, "test_a_station_gets_in_by_every_path_and_speaks_the_version_of_its_subprotocol"),
    5: (HANDSHAKE, "test_an_identity_is_found_however_its_url_is_written"),
    6: ("gateway/test_listener.py", "test_a_whole_url_as_the_request_target_counts_as_its_path"),
    7: (HANDSHAKE, "test_an_identity_is_found_however_its_url_is_written"),
    8: (HANDSHAKE, "test_a_url_that_names_no_station_is_not_found"),
    9: (HANDSHAKE, "test_an_identity_of_more_than_letters_is_percent_encoded_in_the_url"),
    10: (HANDSHAKE, "test_an_identity_is_found_in_any_case_and_named_as_it_was_registered"),
    11: (HANDSHAKE, "test_a_key_of_1_6_is_presented_as_bytes_or_as_the_digits_that_stand_for_them"),
    12: (HANDSHAKE, "test_the_operator_learns_why"),
    13: ("gateway/test_tls.py", "test_tls_1_1_is_refused_even_where_1_2_is_allowed"),
    14: ("gateway/whole/test_liveness.py", "test_a_station_may_answer_no_pings_by_its_quirk"),
    15: ("gateway/whole/test_liveness.py", "test_the_newest_socket_speaks_for_its_station"),
    16: ("gateway/test_listener_wire.py", "test_compression_that_a_station_breaks_is_not_agreed_on"),
    17: ("gateway/whole/test_liveness.py", "test_a_station_is_pinged_as_rarely_as_its_quirk_says"),
    18: (COMMANDS, "test_set_config"),
    19: (FRAMES, "test_known_damage_is_repaired_and_flagged"),
    20: (CONVERSATION, "test_an_unknown_message_type_is_ignored_by_16"),
    21: (CONVERSATION, "test_a_call_with_a_number_as_id_is_answered_with_a_number"),
    22: (FRAMES, "test_a_message_id_longer_than_allowed_is_read_and_flagged"),
    23: (CONVERSATION, "test_a_call_repeated_while_it_is_handled_is_not_handled_twice"),
    24: (CONVERSATION, "test_by_its_flag_a_lone_answer_is_taken_for_that_to_the_open_call"),
    25: (CONVERSATION, "test_a_second_answer_is_ignored"),
    26: (TOLERANCE, "test_nulls_are_left_out"),
    27: (TOLERANCE, "test_a_name_in_another_case_is_the_known_one"),
    28: (FRAMES, "test_of_two_equal_keys_the_last_wins_and_is_flagged_where_the_payload_is_flat"),
    29: (TOLERANCE, "test_a_text_beyond_its_limit_is_kept_and_flagged"),
    30: ("gateway/test_adapters.py", "test_every_message_that_a_station_may_send_is_handled"),
    31: ("gateway/whole/test_liveness.py", "test_any_message_is_a_sign_of_life"),
    32: ("gateway/whole/test_onboarding.py", "test_an_unknown_station_may_say_nothing_else"),
    33: (COMMANDS, "test_a_station_is_left_in_peace_after_its_boot_by_its_quirk"),
    34: (
        "stations/services/presence/test_liveness.py",
        "test_a_quiet_station_is_probed_unless_it_takes_no_trigger",
    ),
    35: (
        "stations/services/registry/test_registration.py",
        "test_a_boot_that_says_nothing_new_is_told_again_after_five_minutes_only",
    ),
    36: ("gateway/test_timestamps.py", "test_a_time_is_read_however_a_station_writes_it"),
    37: (CORRECTIONS, "test_local_times_get_their_zone_unless_they_name_another"),
    38: ("gateway/test_timestamps.py", "test_what_no_working_clock_says_is_no_time"),
    39: ("core/test_clock.py", "test_times_are_written_in_utc_with_three_digits"),
    40: (TOLERANCE, "test_an_unknown_error_code_is_another_error_and_remembered"),
    41: (CONNECTORS, "test_an_error_code_beside_finishing_is_no_fault"),
    42: (CONNECTORS, "test_the_first_code_stays_while_the_fault_is_open"),
    43: (
        "gateway/ocpp16/test_status_notification.py",
        "test_a_status_without_a_time_has_our_time_alone",
    ),
    44: (COMMANDS, "test_a_trigger_that_names_no_connector_asks_for_the_station_alone"),
    45: (CONNECTORS, "test_a_connector_is_learnt_without_a_status"),
    46: ("sessions/services/test_id_tokens.py", "test_letter_case_makes_no_difference"),
    47: (TOLERANCE, "test_padding_beyond_the_limit_is_taken_off"),
    48: (CORRECTIONS, "test_free_vending_has_a_token_of_its_own"),
    49: ("gateway/ocpp16/test_stop_transaction.py", "test_a_stop_of_no_transaction_of_ours_is_acknowledged"),
    50: (UNANNOUNCED, "test_a_stop_without_number_ends_what_runs_on_its_token"),
    51: (UNANNOUNCED, "test_a_stop_without_number_or_token_ends_the_only_session"),
    52: (STARTS, "test_a_repeated_start_gets_the_first_answer"),
    53: (ENDS, "test_a_repeated_stop_changes_nothing"),
    54: (UNANNOUNCED, "test_a_session_known_by_its_stop_alone_is_told_as_suspect"),
    55: (ENDS, "test_a_stop_below_the_start_is_kept_and_never_negative"),
    56: (
        "sessions/services/test_abandoned.py",
        "test_a_session_on_a_connector_that_has_long_been_free_is_lost_with_its_last_reading",
    ),
    57: ("sessions/services/test_remote_starts.py", "test_a_session_of_1_6_is_known_by_token_place_and_time"),
    58: (COMMANDS, "test_a_remote_start_names_the_token_that_was_asked_for_and_no_other"),
    59: (STARTS, "test_the_number_is_never_one_that_the_station_has"),
    60: ("sessions/services/test_order.py", "test_the_order_of_parts_leaves_no_trace"),
    61: (STARTS, "test_evse_token_and_numbers_come_once_and_stay"),
    62: (TOLERANCE, "test_a_meter_value_as_a_number_becomes_a_text"),
    63: (MEASURANDS, "test_values_are_read_as_stations_write_them"),
    64: (MEASURANDS, "test_words_that_nobody_knows_are_kept_as_text_and_never_counted"),
    65: (MEASURANDS, "test_units_become_base_units"),
    66: ("sessions/test_plausibility.py", "test_figures_that_do_not_fit_each_other_are_told"),
    67: (CORRECTIONS, "test_a_register_of_one_session_begins_at_nothing"),
    68: (READINGS, "test_a_meter_that_goes_back_takes_nothing_back"),
    69: (ENDS, "test_a_stop_ends_its_session"),
    70: (READINGS, "test_readings_without_a_number_belong_to_what_runs_on_their_evse"),
    71: (READINGS, "test_a_number_of_an_older_session_leaves_the_live_one_alone"),
    72: (READINGS, "test_closing_readings_after_the_stop_are_kept_and_reopen_nothing"),
    73: (TOLERANCE, "test_the_meter_values_of_ocpp_15_are_read"),
    74: (READINGS, "test_live_figures_end_with_the_session"),
    75: (MEASURANDS, "test_power_of_three_conductors_adds_up"),
    76: (TOLERANCE, "test_answers_are_mended_too"),
    77: (COMMANDS, "test_a_station_is_left_in_peace_after_each_answer_by_its_quirk"),
    78: ("stations/test_capabilities.py", "test_feature_profiles_are_read_with_spaces_and_misspelt"),
    79: ("gateway/ocpp16/test_configuration.py", "test_what_came_of_each_key_is_told_together"),
    80: ("sessions/services/test_profile_preparation.py", "test_units_are_understood_in_every_spelling"),
    81: ("gateway/test_schemas.py", "test_a_tenth_is_a_multiple_of_a_tenth"),
    82: (PROFILES, "test_a_valid_profile_that_is_refused_is_told_and_nothing_else_is_tried"),
    83: (PROFILES, "test_a_profile_that_is_taken_and_ignored_shows_beside_what_it_should_make"),
    84: (SUGGESTED, "test_a_station_that_never_took_a_trigger_is_asked_for_none"),
    85: (
        "stations/services/registry/test_vendor_data.py",
        "test_json_in_a_text_is_read_even_where_it_was_wrapped_twice",
    ),
    86: ("stations/test_masking.py", "test_secrets_are_masked_and_the_rest_stays"),
    87: (HANDSHAKE, "test_what_a_station_is_allowed_goes_before_what_its_network_is"),
}


def test_every_flag_is_explained_and_every_explained_one_exists():
    assert re.findall(r"^\| `(\w+)` \| .+ \| .+ \| .+ \| .+ \|$", PAGE, re.M) == list(quirks.FLAGS)
    named = {flag for _, flags in ROWS.values() for flag in re.findall(r"`(\w+)`", flags)}
    assert named == set(quirks.FLAGS)


def test_the_rows_are_numbered_and_each_is_tested():
    assert list(ROWS) == list(range(1, 88)) == list(TESTS)


@pytest.mark.parametrize("number", TESTS)
def test_a_row_is_held_by_a_test_that_there_is(number):
    path, name = TESTS[number]
    assert re.search(rf"^ *(?:async )?def {name}\(", (ROOT / "tests" / path).read_text(), re.M)


@pytest.mark.parametrize(
    "number", [number for number, (emobi, _) in ROWS.items() if re.search(r"\bNot\b", emobi)]
)
def test_what_is_left_alone_has_a_reason(number):
    emobi, _ = ROWS[number]
    told = emobi.partition("Not")[2]
    assert re.match(r"(?: by itself)?: .{40,}", told), emobi
