-- A key made, rotated, revoked, or changed by hand in whatever way is a write like any other: one change set, one event, one revision, by
-- which instances know that what they read of it no longer holds. Its hashes are no part of the event, and its last use is no write.
create or replace function record_key() returns trigger language plpgsql as $$
declare
  event_name text := case
    when tg_op = 'INSERT' then 'key.created'
    when tg_op = 'DELETE' then 'key.deleted'
    when new.revoked_at is distinct from old.revoked_at then 'key.revoked'
    when new.secret_hash <> old.secret_hash then 'key.rotated'
    when to_jsonb(new) - 'last_used_at' <> to_jsonb(old) - 'last_used_at' then 'key.changed' end;
  key_id text := case when tg_op = 'DELETE' then old.id else new.id end;
begin
  if event_name is not null then
    insert into change (object_type, object_key, version, event, change_set_id, content)
    select 'key', key_id, last_version('key', key_id) + 1, event_name, current_change_set(),
           case when tg_op <> 'DELETE' then to_jsonb(new) - 'secret_hash' - 'previous_hash' - 'last_used_at' end;
  end if;
  return null;
end
$$;

drop trigger if exists record_key on api_key;
create trigger record_key after insert or update or delete on api_key for each row execute function record_key();
