-- Every version of every object, and the event that tells of it, are written here: no path can forget them.
create or replace function object_key(object_type text, item jsonb) returns text language sql immutable as $$
  select case object_type
    when 'landlord' then item ->> 'siren'
    when 'qpv' then item ->> 'code'
    when 'rule' then item ->> 'code'
    when 'project' then item ->> 'id'
    else concat_ws('/', item ->> 'landlord_siren', item ->> 'year', item ->> 'qpv_code')
  end
$$;

-- What a version keeps of an object: its row, and what belongs to it in other tables.
create or replace function object_content(object_type text, item jsonb) returns jsonb language sql stable as $$
  select case object_type when 'qpv' then item || jsonb_build_object(
    'communes', array(select commune_code from qpv_commune where qpv_code = item ->> 'code' order by commune_code collate "C"),
    'predecessors', array(select predecessor_code from qpv_lineage where successor_code = item ->> 'code' order by predecessor_code collate "C"))
  else item end
$$;

create or replace function record_write() returns trigger language plpgsql as $$
declare
  event_name text := tg_table_name || case tg_op when 'INSERT' then '.created' else '.updated' end;
begin
  insert into change (object_type, object_key, version, event, change_set_id, content)
  select tg_table_name, object_key(tg_table_name, item), (item ->> 'version')::int, event_name, current_change_set(),
         object_content(tg_table_name, item)
  from (select to_jsonb(n) as item from new_rows n) as items;
  return null;
end
$$;

-- A deletion is a version too; one that is made again goes on from it (see last_version).
create or replace function record_delete() returns trigger language plpgsql as $$
begin
  insert into change (object_type, object_key, version, event, change_set_id, content)
  select tg_table_name, object_key(tg_table_name, item), (item ->> 'version')::int + 1, tg_table_name || '.deleted', current_change_set(), null
  from (select to_jsonb(o) as item from old_rows o) as items;
  return null;
end
$$;

-- The last version an object ever had, deletion included; 0 when it never was.
create or replace function last_version(type text, key text) returns int language sql stable as $$
  select coalesce(max(version), 0) from change where object_type = type and object_key = key
$$;

do $$
declare
  recorded text;
begin
  foreach recorded in array array['landlord', 'qpv', 'holding', 'project'] loop
    execute format('drop trigger if exists record_insert on %I', recorded);
    execute format('drop trigger if exists record_update on %I', recorded);
    execute format('drop trigger if exists record_delete on %I', recorded);
    execute format('create trigger record_insert after insert on %I referencing new table as new_rows for each statement execute function record_write()', recorded);
    execute format('create trigger record_update after update on %I referencing new table as new_rows for each statement execute function record_write()', recorded);
    execute format('create trigger record_delete after delete on %I referencing old table as old_rows for each statement execute function record_delete()', recorded);
  end loop;
end
$$;
