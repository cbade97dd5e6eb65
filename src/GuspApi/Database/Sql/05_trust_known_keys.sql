-- Foreign keys are looked up row by row. What a transaction inserted or locked itself need not be: where its role may (a superuser, or GRANT SET
-- ON PARAMETER session_replication_role), the look-ups are left out until it says otherwise, or ends. Triggers are too, but for those that are
-- enabled always: should those that record declarations not be (ENABLE TRIGGER ALL makes them like the others), nothing is left out.
create or replace function trust_known_keys(trusted boolean) returns void language sql as $$
  select set_config('session_replication_role', case when trusted and not exists (
      select from pg_trigger where tgrelid = 'declaration'::regclass and not tgisinternal and tgenabled <> 'A') then 'replica' else 'origin' end, true)
  where has_parameter_privilege('session_replication_role', 'SET')
$$;
