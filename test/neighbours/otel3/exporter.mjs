import * as stock from '@opentelemetry/exporter-prometheus';
import * as sdk from '@opentelemetry/sdk-metrics';
import * as ours from 'loopsight/exporter';
import { runExporter } from '../run-exporter.cjs';

await runExporter({ sdk, stock, ours });
