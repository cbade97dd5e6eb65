-- The one place that decides which events of the change feed a caller is told of. The name of an event says how far its declaration was, so
-- that no version has to be looked up: saved is a draft, withdrawn one that was submitted before, corrected one whose changes were requested.
-- A justification alone may be of any, and its version tells.
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
          or about.department_code = any (sees_departments) and case c.event
            when 'declaration.saved' then false
            when 'declaration.deleted' then false
            when 'declaration.justified' then exists (
              select from declaration d join declaration_version v on v.declaration_id = d.id and v.version = c.version
              where d.landlord_siren = about.landlord_siren and d.year = split_part(c.object_key, '/', 2)::smallint
                and d.qpv_code = split_part(c.object_key, '/', 3) and v.status <> 'DRAFT')
            else true end)
$$;
