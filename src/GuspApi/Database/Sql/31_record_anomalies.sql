-- The anomalies of declarations are kept when written, by whatever path, at commit: once all that the write has to say is there.

-- What one writer judges, another may be writing: writers of one landlord follow one another from here to their commit. All that an
-- anomaly rests on is one landlord's. By bucket, so that a file of many landlords does not exhaust the lock table.
create or replace function lock_anomalies(sirens text[]) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(x'67757361'::int, bucket)
  from (select distinct hashtext(siren) & 255 as bucket from unnest(sirens) siren order by 1) buckets;
end
$$;

-- Closes what no longer holds, adds what is new, and leaves the rest as it stands. A justification is of a value: it outlives a change
-- of what was expected. "not in" is looked up in a hash, however few PostgreSQL expects, and within that memory however many.
create or replace function store_anomalies(ids bigint[], findings broken_rule[], writer bigint) returns void language plpgsql set work_mem = '64MB' as $$
begin
  if cardinality(ids) = 0 then
    return;
  end if;
  with broken as (
    select row_number() over () as no, f.* from unnest(findings) f),
  kept as (
    select a.id, b.no
    from broken b join anomaly a on a.declaration_id = b.declaration_id and a.code = b.code
    where a.until_change_set_id is null
      and (a.ref, a.field, a.value, a.expected) is not distinct from (b.ref, b.field, b.value, b.expected)),
  closed as (
    update anomaly a set until_change_set_id = writer
    where a.declaration_id = any (ids) and a.until_change_set_id is null and a.id not in (select id from kept)
    returning a.*)
  insert into anomaly (declaration_id, code, ref, field, value, expected, since_change_set_id, justification, justified_change_set_id)
  select b.declaration_id, b.code, b.ref, b.field, b.value, b.expected, writer, c.justification, c.justified_change_set_id
  from broken b
  left join closed c on c.declaration_id = b.declaration_id and c.code = b.code and (c.ref, c.value) is not distinct from (b.ref, b.value)
  where b.no not in (select no from kept);
end
$$;

-- For the rest of the transaction: a few keys are worth no plan of their own, which costs several times the work; many are planned for
-- their very number, for a plan made for ten joins thousands row by row.
create or replace function plan_for(keys int) returns void language sql as $$
  select set_config('plan_cache_mode', case when keys > 50 then 'force_custom_plan' else 'force_generic_plan' end, true)
$$;

-- Judges stored declarations anew. Of all of them, where a threshold changed, the rules make tables that need the memory.
create or replace function judge(ids bigint[], writer bigint) returns void language plpgsql set jit = off set work_mem = '64MB' as $$
begin
  if cardinality(ids) > 0 then
    perform plan_for(cardinality(ids));
    perform store_anomalies(ids, array(select b from broken_rules(ids) b), writer);
    perform set_config('plan_cache_mode', 'auto', true);
  end if;
end
$$;

-- Whose lines were written: of a step that leaves the lines alone, its own anomalies stay.
create or replace function rewritten(writers bigint[]) returns setof bigint language sql stable as $$
  select declaration_id from declaration_version
  where change_set_id = any (writers) and (lines_version = version or status = 'DELETED')
$$;

-- Whose anomalies rest on something else that was written: next year's, which are compared with it (a draft that was never submitted is
-- compared with nothing); the declaration and next year's of a holding; all of a landlord, for the years it was active; all, where a
-- threshold changed. The generation of a QPV is in its code and never changes.
create or replace function affected(writers bigint[]) returns setof bigint language sql stable as $$
  select next.id
  from declaration_version v
  join declaration d on d.id = v.declaration_id
  join declaration next on next.landlord_siren = d.landlord_siren and next.year = d.year + 1 and next.qpv_code = d.qpv_code
  where v.change_set_id = any (writers) and v.action in ('SAVED', 'SUBMITTED', 'VALIDATED') and (v.version > 1 or v.status <> 'DRAFT')
    and d.ever_submitted
  union
  select d.id
  from change c
  join declaration d on d.landlord_siren = split_part(c.object_key, '/', 1) and d.qpv_code = split_part(c.object_key, '/', 3)
    and d.year in (split_part(c.object_key, '/', 2)::int, split_part(c.object_key, '/', 2)::int + 1)
  where c.change_set_id = any (writers) and c.object_type = 'holding'
  union
  select d.id
  from change c
  join declaration d on d.landlord_siren = c.object_key
  where c.change_set_id = any (writers) and c.object_type = 'landlord'
  union
  select id from declaration where exists (select from change c where c.change_set_id = any (writers) and c.object_type = 'rule')
$$;

-- An import has judged its declarations already (candidate_finding, written): what it found is kept as it is, but where another writer
-- came between. Its name puts this trigger before number_change_set, whose lock is everybody's.
create or replace function record_anomalies() returns trigger language plpgsql as $$
declare
  judged_at bigint := nullif(current_setting('gusp.judged_at', true), '')::bigint;
  later bigint[];
begin
  perform plan_for(1);
  perform lock_anomalies(array(
    select distinct split_part(object_key, '/', 1) from change
    where change_set_id = new.id and object_type in ('declaration', 'holding', 'landlord')));
  if exists (select from change where change_set_id = new.id and object_type = 'rule') then
    perform pg_advisory_xact_lock(x'67757361'::int, bucket) from generate_series(0, 255) bucket;
  end if;

  if judged_at is null then
    perform judge(array(select r from rewritten(array[new.id]) r union select a from affected(array[new.id]) a), new.id);
  else
    perform set_config('plan_cache_mode', 'force_custom_plan', true);
    -- Against what is new nothing stood before.
    insert into anomaly (declaration_id, code, ref, field, value, expected, since_change_set_id)
    select w.id, f.code, f.ref, f.field, f.value, f.expected, new.id from candidate_finding f join written w using (key) where w.version = 1;
    perform store_anomalies(
      array(select id from written where version = lines_version and version > 1),
      array(select (w.id, f.code, f.ref, f.field, f.value, f.expected)::broken_rule
            from candidate_finding f join written w using (key) where w.version = w.lines_version and w.version > 1),
      new.id);
    later := array(select id from change_set where revision > judged_at);
    perform judge(array(
      select a from affected(array[new.id]) a
      union
      (select id from written
       intersect
       (select r from rewritten(later) r union select a from affected(later) a))), new.id);
  end if;
  return null;
end
$$;

drop trigger if exists judge_change_set on change_set;
create constraint trigger judge_change_set after insert on change_set
  deferrable initially deferred for each row execute function record_anomalies();

drop trigger if exists record_update on rule;
create trigger record_update after update on rule referencing new table as new_rows for each statement execute function record_write();

-- What was declared before anomalies were kept.
do $$
begin
  if exists (select from declaration) and not exists (select from anomaly) then
    perform judge(array(select id from declaration), current_change_set());
    -- What is deferred to the commit would stand in the way of what migrations come next.
    set constraints all immediate;
    set constraints all deferred;
  end if;
end
$$;
