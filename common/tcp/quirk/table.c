/*
 * table.c - the table of the quirks. How they are called is in quirk.h,
 * what they are for in tcpfsm-quirks(7).
 */
#include "tcp/quirk/quirk.h"

/* in the order of the names */
const struct quirk_kind *const quirk_kinds[] = {
    &quirk_ack_delay,
    &quirk_ack_unsent,
    &quirk_dsack_lie,
    &quirk_dup_ack,
    &quirk_ecn_bleach,
    &quirk_ecn_echo,
    &quirk_fast_open_lost,
    &quirk_fin_lost,
    &quirk_half_close,
    &quirk_ignore_window,
    &quirk_never_ack,
    &quirk_never_fin,
    &quirk_no_timestamps,
    &quirk_old_timestamps,
    &quirk_overlap_data,
    &quirk_persist_tarpit,
    &quirk_reorder_own,
    &quirk_rst,
    &quirk_sack_lie,
    &quirk_slow_drip,
    &quirk_stall_handshake,
    &quirk_stretch_ack,
    &quirk_syn_ack_twice,
    &quirk_tiny_mss,
    &quirk_urgent,
    &quirk_window_shrink,
    &quirk_zero_window,
};

const unsigned quirk_nkinds = sizeof(quirk_kinds) / sizeof(quirk_kinds[0]);
