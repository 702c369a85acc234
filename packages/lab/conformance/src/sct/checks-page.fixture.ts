import { CHECKS } from './all-checks.fixture.ts';
import { REASONS } from './sct-check.fixture.ts';

const HEAD = `# What the UEFI SCT checks, checked here

The UEFI Self Certification Test asks a firmware thousands of questions. These are those of its black-box tests for boot
services and runtime services, asked of the services here, in both profiles:
[sct.test.ts](../packages/lab/conformance/src/sct/sct.test.ts). The numbers are the SCT's own, from its sources
(tianocore/edk2-test); where those have none, it is the place of a check among its conformance or function tests. The page is
written from the tables of that test.
`;

/** docs/sct.md */
export function checksPage(): string {
  const services = [...new Set(CHECKS.map(({ service }) => service))];
  const sections = services.map((service) => {
    const rows = CHECKS.filter((one) => one.service === service).map(({ number, what, check }) => {
      const not = typeof check === 'string' ? ` _(not asked: ${REASONS[check]})_` : '';
      return `- ${number}: ${what}${not}`;
    });
    return [`## ${service}`, '', ...rows, ''].join('\n');
  });
  return [HEAD, ...sections].join('\n');
}
