/** The limits of lab/chat/limits.py, as the lab sends them, with some changed. */
export function limits(changed = {}) {
  return {
    name_chars: 32,
    room_chars: 64,
    text_bytes: 65_536,
    rooms_per_connection: 16,
    members_per_room: 10_000,
    rooms: 4096,
    commands_per_s: 1000,
    command_burst: 2000,
    page_events: 100,
    page_rooms: 100,
    log_events: 1000,
    log_bytes: 786_432,
    queue_bytes: 2_097_152,
    frame_bytes: 524_288,
    ...changed,
  };
}
