-- What rules stored declarations break. The rules stand in Model/DeclarationSql.cs, where they also judge what is about to be written.
do $$
begin
  if to_regtype('broken_rule') is null then
    create type broken_rule as (declaration_id bigint, code text, ref text, field text, value text, expected text);
  end if;
end
$$;

create or replace function broken_rules(ids bigint[]) returns setof broken_rule language sql stable as $$
  with candidate as (
    select id as key, landlord_siren, year, qpv_code, lines_version, null::boolean as alike from declaration where id = any (ids) and status <> 'DELETED'),
  candidate_line as (
    select k.key, e.no - 1 as line, e.* from candidate k join expense_line e on e.declaration_id = k.key and e.version = k.lines_version)
  select key, code, ref, field, value, expected from ({{Anomalies}}) broken
$$;
