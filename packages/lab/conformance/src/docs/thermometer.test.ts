// The test of docs/write-your-first-driver.md, which is a test itself.
// oxlint-disable-next-line import/no-unassigned-import
import './thermometer-dxe-spec.fixture.ts';
