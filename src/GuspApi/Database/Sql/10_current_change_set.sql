-- The change set of this transaction, made at its first use. Who writes, and for which request, come from the transaction's
-- own settings (gusp.actor, gusp.request_id), which end with it.
create or replace function current_change_set() returns bigint language plpgsql as $$
declare
  current bigint := nullif(current_setting('gusp.change_set', true), '')::bigint;
begin
  if current is null then
    insert into change_set (actor, request_id)
    values (coalesce(nullif(current_setting('gusp.actor', true), ''), 'system'), nullif(current_setting('gusp.request_id', true), ''))
    returning id into current;
    perform set_config('gusp.change_set', current::text, true);
  end if;
  return current;
end
$$;
