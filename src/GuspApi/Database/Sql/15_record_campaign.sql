-- Campaigns are versioned like the other objects (12_record_change.sql); their key is the year.
drop trigger if exists record_insert on campaign;
drop trigger if exists record_update on campaign;
create trigger record_insert after insert on campaign referencing new table as new_rows for each statement execute function record_write();
create trigger record_update after update on campaign referencing new table as new_rows for each statement execute function record_write();
