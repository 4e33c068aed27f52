-- Who has seen a listing unmasked stands on its page.

-- +goose Up
CREATE INDEX audit_unmasked ON audit (target, id) WHERE action = 'unmasked';
