-- Each accepted write of a declaration is one version and one event. The name of the event tells how far the declaration is, which decides
-- who is told (see seen_change): a save is "saved" on a draft, "withdrawn" where it takes back a submission, "corrected" where changes were
-- requested; a save that is further, which is no path of the API, by how far it is.
create or replace function record_declaration() returns trigger language plpgsql as $$
declare
  change_set bigint;
begin
  if not exists (select from new_rows) then
    return null;
  end if;
  change_set := current_change_set();

  insert into declaration_version (declaration_id, version, status, action, comment, lines_version, change_set_id)
  select id, version, status, action, comment, lines_version, change_set from new_rows;

  insert into change (object_type, object_key, version, event, change_set_id)
  select 'declaration', landlord_siren || '/' || year || '/' || qpv_code, version,
         'declaration.' || case
           when action <> 'SAVED' then lower(action)
           when status = 'CHANGES_REQUESTED' then 'corrected'
           when status <> 'DRAFT' then lower(status)
           when version > 1 and exists (
             select from declaration_version v where v.declaration_id = n.id and v.version = n.version - 1 and v.status = 'SUBMITTED') then 'withdrawn'
           else 'saved' end,
         change_set
  from new_rows n;
  return null;
end
$$;

drop trigger if exists record_insert on declaration;
drop trigger if exists record_update on declaration;
create trigger record_insert after insert on declaration
  referencing new table as new_rows for each statement execute function record_declaration();
create trigger record_update after update on declaration
  referencing new table as new_rows for each statement execute function record_declaration();

-- An import writes with its look-ups left out (05_trust_known_keys).
alter table declaration enable always trigger record_insert, enable always trigger record_update;
