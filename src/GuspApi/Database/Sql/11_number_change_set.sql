-- Gives a change set its revision and instant, at commit, under a lock that is kept until the commit is visible: so revisions
-- are in commit order, without gaps. A sequence or now() would not be: they are taken before the commit, whose order may differ.
-- Each statement of the function has a snapshot of its own, so max() sees whatever the lock waited for.
create or replace function number_change_set() returns trigger language plpgsql as $$
declare
  last_revision bigint;
  last_at timestamptz;
  begun timestamptz := new.at;
begin
  -- Whoever looked before this write held its lock may rely on it for 2 ms (look_at_revision), and a little longer where clocks run
  -- unlike. Where the clock was set back meanwhile, it waits no longer for that.
  if new.import_id is not null then
    perform pg_advisory_xact_lock_shared(7164728137003);
    begun := clock_timestamp();
  end if;
  perform pg_sleep(least(0.003, extract(epoch from begun + interval '3 milliseconds' - clock_timestamp())));
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

-- The present revision, and for how many milliseconds, counted from before it was asked for, no later one can be seen. A writer
-- holds a lock from its first change until its commit is visible (current_change_set), an import from its end: while it is held, the
-- revision counts for this moment alone. A write that takes it after the look is not seen until it has held it for 3 ms
-- (number_change_set); most last longer anyway. The lock is tried by a statement before the one that reads, so that whoever let go of it
-- is seen.
create or replace function look_at_revision(out revision bigint, out milliseconds int) language plpgsql as $$
begin
  milliseconds := case when pg_try_advisory_xact_lock(7164728137003) then 2 else 0 end;
  revision := current_revision();
end
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
