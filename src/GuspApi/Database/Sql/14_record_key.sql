-- A key made, rotated or revoked is a write like any other: one change set, one event. Its hashes are no part of it, and its last use
-- is no write.
create or replace function record_key() returns trigger language plpgsql as $$
declare
  event_name text := case
    when tg_op = 'INSERT' then 'key.created'
    when new.revoked_at is distinct from old.revoked_at then 'key.revoked'
    when new.secret_hash <> old.secret_hash then 'key.rotated' end;
begin
  if event_name is not null then
    insert into change (object_type, object_key, version, event, change_set_id, content)
    select 'key', new.id, last_version('key', new.id) + 1, event_name, current_change_set(),
           to_jsonb(new) - 'secret_hash' - 'previous_hash' - 'last_used_at';
  end if;
  return null;
end
$$;

drop trigger if exists record_key on api_key;
create trigger record_key after insert or update on api_key for each row execute function record_key();
