-- A small shop for the demo. No two nodes generate the same key: keys are UUIDs, codes that people assign, or composed
-- of these. The tables belong to a role of their own, as the arbiter's role must not be a superuser.
CREATE ROLE shop;
CREATE SCHEMA shop AUTHORIZATION shop;
SET ROLE shop;

CREATE TABLE shop.customer (
    customer_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name        text NOT NULL,
    city        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shop.product (
    sku    text PRIMARY KEY,
    name   text NOT NULL,
    price  numeric(10, 2) NOT NULL CHECK (price >= 0)
);

CREATE TABLE shop.purchase (
    purchase_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    customer_id uuid NOT NULL REFERENCES shop.customer,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'sent')),
    node        integer NOT NULL,
    placed_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shop.purchase_line (
    purchase_id uuid NOT NULL REFERENCES shop.purchase ON DELETE CASCADE,
    line_no     integer NOT NULL,
    sku         text NOT NULL REFERENCES shop.product,
    quantity    integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (purchase_id, line_no)
);

CREATE TABLE shop."PriceList" (
    "ValidFrom" date NOT NULL,
    sku         text NOT NULL REFERENCES shop.product,
    "Price"     numeric(10, 2) NOT NULL,
    PRIMARY KEY ("ValidFrom", sku)
);

RESET ROLE;
