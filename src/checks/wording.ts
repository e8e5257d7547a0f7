export { clause, counted, listed } from '../text/wording.js';
