-- The change set of this transaction, made at its first use. Who writes, for which request or import, and what was said of it come from
-- the transaction's own settings (gusp.actor, gusp.request_id, gusp.import_id, gusp.comment), which end with it.
create or replace function current_change_set() returns bigint language plpgsql as $$
declare
  current bigint := nullif(current_setting('gusp.change_set', true), '')::bigint;
begin
  if current is null then
    -- Held until the commit is visible (see look_at_revision). An import, which lasts, takes it at its end (number_change_set).
    if coalesce(current_setting('gusp.import_id', true), '') = '' then
      perform pg_advisory_xact_lock_shared(7164728137003);
    end if;
    insert into change_set (at, actor, request_id, import_id, comment)
    values (clock_timestamp(), coalesce(nullif(current_setting('gusp.actor', true), ''), 'system'),
            nullif(current_setting('gusp.request_id', true), ''), nullif(current_setting('gusp.import_id', true), '')::uuid,
            nullif(current_setting('gusp.comment', true), ''))
    returning id into current;
    perform set_config('gusp.change_set', current::text, true);
  end if;
  return current;
end
$$;
