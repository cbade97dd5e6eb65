-- A QPV of the 2015 list tells its successors: when they change it has a new version, one a write however many of its links changed.
-- That of the 2024 list is written with its predecessors.
create or replace function record_lineage() returns trigger language plpgsql as $$
begin
  update qpv set version = version + 1
  where code in (select predecessor_code from changed_links) and xmin <> pg_current_xact_id()::xid;
  return null;
end
$$;

drop trigger if exists record_insert on qpv_lineage;
drop trigger if exists record_delete on qpv_lineage;
create trigger record_insert after insert on qpv_lineage
  referencing new table as changed_links for each statement execute function record_lineage();
create trigger record_delete after delete on qpv_lineage
  referencing old table as changed_links for each statement execute function record_lineage();
