-- The one place that decides which events of the change feed a caller is told of. The name of an event says how far its declaration was, so
-- that no version has to be looked up: saved is a draft, withdrawn one that was submitted before, corrected one whose changes were requested.
-- Whoever sees a declaration change, or go, is told: what its copy holds is then what seen_declaration gives. Inlined like a view; its columns
-- change_set_id and id are those of the index that gives the order of writing.
create or replace function seen_change(sees_everything boolean, sees_landlords text[], sees_departments text[])
returns table (
  change_set_id bigint, id bigint, event text, object_type text, object_key text, version int, landlord_siren text, department_code text)
language sql stable parallel safe as $$
  select c.change_set_id, c.id, c.event, c.object_type, c.object_key, c.version, about.landlord_siren, about.department_code
  from change c
  -- The département is looked up only where it decides.
  cross join lateral (
    select case when c.object_type in ('declaration', 'holding', 'landlord') then split_part(c.object_key, '/', 1) end as landlord_siren,
           (select q.department_code from qpv q
            where q.code = case when c.object_type in ('declaration', 'holding') then split_part(c.object_key, '/', 3)
                                when c.object_type = 'qpv' then c.object_key end) as department_code) about
  where c.object_type in ('holding', 'landlord', 'qpv', 'project')
     or c.object_type = 'declaration' and (
          sees_everything or about.landlord_siren = any (sees_landlords) or c.event = 'declaration.validated'
          or c.event not in ('declaration.saved', 'declaration.deleted') and about.department_code = any (sees_departments))
$$;
