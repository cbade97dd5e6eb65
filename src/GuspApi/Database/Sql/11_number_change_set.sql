-- Gives a change set its revision and instant, at commit, under a lock that is kept until the commit is visible: so revisions
-- are in commit order, without gaps. A sequence or now() would not be: they are taken before the commit, whose order may differ.
-- Each statement of the function has a snapshot of its own, so max() sees whatever the lock waited for.
create or replace function number_change_set() returns trigger language plpgsql as $$
declare
  last_revision bigint;
  last_at timestamptz;
begin
  perform pg_advisory_xact_lock(7164728137001);
  select revision, at into last_revision, last_at from change_set where revision is not null order by revision desc limit 1;
  update change_set
  set revision = coalesce(last_revision, 0) + 1, at = greatest(clock_timestamp(), last_at + interval '1 microsecond')
  where id = new.id;
  return null;
end
$$;

create or replace function current_revision() returns bigint language sql stable as $$
  select coalesce(max(revision), 0) from change_set
$$;

-- The last revision accepted at an instant or before; of an instant to come, more than any. It waits for the commits under way: their
-- instants are given already.
create or replace function revision_at(instant timestamptz) returns bigint language plpgsql as $$
begin
  if instant > clock_timestamp() then
    return 9223372036854775807;
  end if;
  perform pg_advisory_xact_lock_shared(7164728137001);
  return (select coalesce(max(revision), 0) from change_set where at <= instant);
end
$$;

drop trigger if exists number_change_set on change_set;
create constraint trigger number_change_set after insert on change_set
  deferrable initially deferred for each row execute function number_change_set();
