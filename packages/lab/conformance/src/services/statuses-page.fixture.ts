import { CASES, UNPROVOKED } from './all-cases.fixture.ts';
import { DOCUMENTED } from './documented.fixture.ts';
import { REASONS } from './status-case.fixture.ts';

const HEAD = `# The services and their status codes

Every boot service and runtime service that returns a status, with each code that UEFI 2.11 documents for it, the DXE services with
those of PI 1.9, and how the core comes to answer with it. Each line is a test, which runs in both profiles unless it names one:
[statuses.test.ts](../packages/lab/conformance/src/services/statuses.test.ts). This page is written from that table, and the
test fails when a documented code is in neither list.
`;

/** What a service answers, in the order in which the specification lists it. */
function rows(service: string, statuses: readonly string[]): string[] {
  return statuses.map((status) => {
    const cases = CASES.filter((one) => one.service === service && one.status === status);
    const how = cases.map((one) => (one.profile ? `${one.how} (${one.profile})` : one.how));
    const missing = UNPROVOKED.find((one) => one.service === service && one.status === status);
    const text = missing === undefined ? how.join('; ') : `never: ${REASONS[missing.why]}`;
    return `- ${status}: ${text}`;
  });
}

/** docs/services.md */
export function statusesPage(): string {
  const sections = DOCUMENTED.map(({ service, specification, section, statuses }) => {
    const source = specification === 'UEFI 2.11' ? '' : `${specification} `;
    return [`## ${service} (${source}§${section})`, '', ...rows(service, statuses), ''].join('\n');
  });
  return [HEAD, ...sections].join('\n');
}
