// The example of lab/testing's README, which is a test itself.
// oxlint-disable-next-line import/no-unassigned-import
import './failing-disk.fixture.ts';
