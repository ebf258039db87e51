import { expect, test } from 'vitest';
import { printCanonical } from '../../../src/stackfile/print-canonical.ts';
import { load } from './stack-files.ts';

const FILE = `
name: shop
x-team: {a: 1}
services:
  web:
    image: host
    x-note: kept
    init: false
    command: echo "a b" $$HOME
    environment: [A=1, "B=$$x"]
    ports: ["0.0.0.0:8000-8001:80-81", {target: 22, published: 2222, mode: host}]
    volumes: ["./src:/src:ro,z", "data:/data", {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0755}}]
    tmpfs: /run
    healthcheck: {test: "true", interval: 90s}
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 64m}}}
    depends_on: [db]
    secrets: [token]
    stop_grace_period: 1h
    ulimits: {nproc: 10, nofile: {soft: 1, hard: 2}}
    extra_hosts: {b: [1.1.1.1, 2.2.2.2], a: host-gateway}
  db: {image: host, restart: "no", scale: 1, mem_limit: 1g, networks: {back: {aliases: [store]}}}
networks: {back: {driver: bridge, internal: true}, unused: {}}
volumes: {data: {driver: local}}
secrets: {token: {file: /srv/token}}
`;

test('every short form is long, and nothing is there that was not written', async () => {
  const { canonical } = await load(FILE, { projectDir: '/srv/shop' });

  expect(printCanonical(canonical)).toMatchInlineSnapshot(`
    "name: shop
    services:
      db:
        image: host
        mem_limit: "1073741824"
        networks:
          back:
            aliases:
              - store
        restart: "no"
        scale: 1
      web:
        command:
          - echo
          - a b
          - $$HOME
        depends_on:
          db:
            condition: service_started
            required: true
        deploy:
          replicas: 2
          resources:
            limits:
              cpus: 0.5
              memory: "67108864"
        environment:
          A: "1"
          B: $$x
        extra_hosts:
          - a=host-gateway
          - b=1.1.1.1
          - b=2.2.2.2
        healthcheck:
          test:
            - CMD-SHELL
            - "true"
          interval: 1m30s
        image: host
        init: false
        networks:
          default: null
        ports:
          - mode: ingress
            host_ip: 0.0.0.0
            target: 80
            published: "8000"
            protocol: tcp
          - mode: ingress
            host_ip: 0.0.0.0
            target: 81
            published: "8001"
            protocol: tcp
          - mode: host
            target: 22
            published: "2222"
            protocol: tcp
        secrets:
          - source: token
            target: /run/secrets/token
        stop_grace_period: 1h0m0s
        tmpfs:
          - /run
        ulimits:
          nofile:
            soft: 1
            hard: 2
          nproc: 10
        volumes:
          - type: bind
            source: /srv/shop/src
            target: /src
            read_only: true
            bind:
              create_host_path: true
              selinux: z
          - type: volume
            source: data
            target: /data
            volume: {}
          - type: tmpfs
            target: /t
            tmpfs:
              size: "1048576"
              mode: "0755"
        x-note: kept
    networks:
      back:
        name: shop_back
        driver: bridge
        internal: true
      default:
        name: shop_default
      unused:
        name: shop_unused
    volumes:
      data:
        name: shop_data
        driver: local
    secrets:
      token:
        name: shop_token
        file: /srv/token
    x-team:
      a: 1"
  `);
});

test('read again it is the same stack', async () => {
  const first = await load(FILE, { projectDir: '/srv/shop' });

  const again = await load(printCanonical(first.canonical), { projectDir: '/srv/shop' });

  expect({ ...again.stack, files: [] }).toEqual({ ...first.stack, files: [] });
  expect(again.canonical).toEqual(first.canonical);
});
